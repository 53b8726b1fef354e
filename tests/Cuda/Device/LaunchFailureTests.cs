using System.Text.RegularExpressions;
using GptGen.Emulator;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Cuda.Tests.Device;

/// <summary>A launch that fails tells the operator, also where several share a kernel.</summary>
public class LaunchFailureTests
{
    private const int Length = 5;

    [Fact]
    public void Every_launch_of_a_step_names_its_operator()
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        using var device = machine.Open();
        using var model = Variants.Create("OddUntied", device);
        Variants.Fill(model);
        using var training = model.CreateTraining(2, Length);
        training.SetBatch(2, Length, Variants.Tokens(model, 1, 2 * Length), Variants.Tokens(model, 2, 2 * Length));
        var failed = new List<string>();
        for (var launch = 1; Failure(training, launch) is { } message; launch++)
        {
            var named = Regex.Match(message, @"^cuLaunchKernel failed in (\w+) \(kernel ([\w:]+)");
            Assert.True(named.Success, message);
            failed.Add($"{named.Groups[1].Value} {named.Groups[2].Value}");
        }

        var operations = failed.Select(static name => name.Split(' ')[0]).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "Embed", "LayerNorm", "Linear", "Attention", "HeadLossBackward", "LayerNormBackward", "AttentionBackward", "EmbedBackward",
            }, operations);
        Assert.All(operations, static name => Assert.NotNull(Operator(name)));
        Assert.Contains("LinearBackwardWeight addParts", failed);
        Assert.Contains("LayerNormBackward addParts", failed);
    }

    /// <summary>The message of a step whose launch of some number, counted from 1, fails; null when there are fewer.</summary>
    private static string? Failure(TrainingGraph training, int launch)
    {
        CudaEmulator.Set("FAIL", $"cuLaunchKernel=701@{launch}");
        try
        {
            training.Forward();
            training.Backward(accumulate: false);
            return null;
        }
        catch (GptGenException error)
        {
            return error.Message;
        }
    }

    private static System.Reflection.MethodInfo? Operator(string name) => typeof(GptGen.Device).GetMethods(
        System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public)
        .FirstOrDefault(method => method.Name == name);
}
