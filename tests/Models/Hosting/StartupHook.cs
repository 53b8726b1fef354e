using GptGen.Models.Tests.Hosting;

/// <summary>What .NET calls before the program's own beginning, where DOTNET_STARTUP_HOOKS names this assembly; it gives the name.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        ProgramHost.Serve();
        Environment.Exit(0);
    }
}
