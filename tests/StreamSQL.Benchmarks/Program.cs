Console.Error.WriteLine("Which benchmark? See README.md beside this project.");
return 1;
