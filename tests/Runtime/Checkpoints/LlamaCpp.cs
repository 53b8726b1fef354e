using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>llama.cpp in a process of its own (tests/LlamaCpp), where its native library loads.</summary>
internal static class LlamaCpp
{
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(2);

    private static readonly string s_program =
        typeof(LlamaCpp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "LlamaCpp").Value!;

    private static readonly Lazy<string?> s_obstacle = new(static () =>
    {
        var (exitCode, _, error) = Start("""{"probe": true}""");
        return exitCode == 0 ? null : error;
    });

    /// <summary>What llama.cpp makes of a file.</summary>
    /// <param name="Tokens">The tokens of each text.</param>
    /// <param name="Logits">Those behind each token from the prompt's last on.</param>
    /// <param name="End">The token that ends texts.</param>
    internal sealed record Answer(int[][] Tokens, float[][] Logits, int End);

    public static void SkipWhereItDoesNotLoad() =>
        Assert.SkipUnless(s_obstacle.Value is null, $"llama.cpp's native library does not load here: {s_obstacle.Value}");

    /// <summary>Reads a file, cuts texts into tokens, and runs a model over tokens, of which the first are a prompt.</summary>
    public static Answer Run(string model, string[] texts, int[] tokens, int prompt)
    {
        var (exitCode, output, error) = Start(JsonSerializer.Serialize(new { model, texts, tokens, prompt }));
        Assert.True(exitCode == 0, $"llama.cpp ended with {exitCode}: {error}");
        using var document = JsonDocument.Parse(output);
        return new(
            document.RootElement.GetProperty("tokens").Deserialize<int[][]>()!, document.RootElement.GetProperty("logits").Deserialize<float[][]>()!,
            document.RootElement.GetProperty("end").GetInt32());
    }

    private static (int ExitCode, string Output, string Error) Start(string request)
    {
        var start = new ProcessStartInfo("dotnet", [s_program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(request);
        process.StandardInput.Close();
        if (!process.WaitForExit(s_timeLimit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"llama.cpp ran longer than {s_timeLimit}.");
        }

        return (process.ExitCode, output.Result, error.Result);
    }
}
