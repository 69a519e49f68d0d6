using StreamSQL.Server.Cli;

return await CommandLine.RunAsync(args);
