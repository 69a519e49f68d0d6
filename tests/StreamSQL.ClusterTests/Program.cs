// Reading the output of a child process holds a thread of the pool for as long as the child is silent. Brokers run in this process too and
// must not wait for the pool to grow, one thread every half second.
ThreadPool.SetMinThreads(workerThreads: 64, completionPortThreads: 64);

if (args is ["crash-states", .. var crashArguments])
    return StreamSQL.ClusterTests.CrashStates.CrashStatesCommand.Run(crashArguments);

if (args is ["planted-bugs", .. var bugs])
    return await StreamSQL.PlantedBugs.PlantedBugsCommand.RunAsync(bugs);

return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, StreamSQL.ClusterTests.SelfRegisteredExtensions.AddSelfRegisteredExtensions);
