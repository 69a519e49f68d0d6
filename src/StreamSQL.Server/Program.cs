Console.Error.WriteLine("streamsql: nothing is wired yet");
return 1;
