using System.Globalization;
using GptGen.Cuda.Libraries;
using GptGen.Models.Tests;
using Xunit;

namespace GptGen.Cuda.Tests;

/// <summary>Fine-tuning and the commands that use weights, on the GPU as on the CPU, each in a process of its own.</summary>
[Collection(OtherProcesses.Name)]
public class TaskCommandTests
{
    /// <summary>Two products whose rows are summed in another order, through a few steps of AdamW.</summary>
    private const double Tolerance = 2e-3;

    private static readonly string[] s_libraries = ["libcuda.so.1", $"libcublas.so.{CudaLibrary.Majors[0]}", $"libnvrtc.so.{CudaLibrary.Majors[0]}"];

    [Theory]
    [InlineData("entailment", "premise\thypothesis\tlabel")]
    [InlineData("similarity", "first\tsecond\tlabel", "--graded")]
    public void A_task_is_learned_and_predicted_alike(string task, string columns, params string[] more)
    {
        using var machine = new CommandMachine(s_libraries);
        var data = machine.File("data.tsv");
        File.WriteAllText(
            data,
            columns + "\n"
            + string.Concat(Enumerable.Range(0, 12).Select(static i => $"{new string((char)('a' + (i % 3)), 1 + (i % 4))}\tb{i % 2}\t{i % 2}\n")));
        string[] learn = [
            "finetune", "--task", task, "--from-scratch", "--data", data, "--test", data, "--length", "12", "--batch", "5", "--epochs", "1",
            "--learning-rate", "1e-3", .. more];
        string Learn(string device) => Succeed(machine.Run([.. learn, "--out", machine.File(device), "--device", device]));
        Learn("cpu");
        Assert.False(Directory.Exists(machine.Variables["GPTGEN_CACHE"]), "The CPU's run used the GPU.");
        Learn("cuda");
        Assert.True(
            Directory.EnumerateFiles(machine.Variables["GPTGEN_CACHE"], "*.cubin", SearchOption.AllDirectories).Any(), "The GPU was not used.");
        Near(
            File.ReadAllText(Path.Combine(machine.File("cpu"), "predictions.tsv")),
            File.ReadAllText(Path.Combine(machine.File("cuda"), "predictions.tsv")));

        // The same weights on either.
        string Predict(string device) => Succeed(machine.Run("predict", "--weights", machine.File("cuda"), "--data", data, "--device", device));
        Near(Predict("cpu"), Predict("cuda"));
    }

    [Fact]
    public void Prompts_and_features_are_answered_alike()
    {
        using var machine = new CommandMachine(s_libraries);
        var text = machine.File("text.txt");
        File.WriteAllText(text, TinyRun.Text);
        var run = machine.File("run");
        Succeed(
            machine.Run("train", "--data", text, "--out", run, "--steps", "1", "--batch", "1", "--length", "8", "--warmup", "0", "--device", "cpu"));
        string Do(string device, params string[] arguments) => Succeed(machine.Run([.. arguments, "--weights", run, "--device", device]));
        string[] summarize = ["summarize", "--text", "Gears turn.", "--tokens", "4"], answer = [
            "answer", "--text", "Gears turn.", "--question", "What?", "--tokens", "4"];
        Assert.Equal(Do("cpu", summarize), Do("cuda", summarize));
        Assert.Equal(Do("cpu", answer), Do("cuda", answer));
        string[] features = ["features", "--prompt", "Gears"];
        var (expected, actual) = (Numbers(Do("cpu", features)), Numbers(Do("cuda", features)));
        Assert.True(expected.Count > 5 * 100);
        Near(expected, actual);
        string[] evaluate = ["evaluate", "--data", text, "--json"];
        Near(Numbers(Do("cpu", evaluate)), Numbers(Do("cuda", evaluate)));
    }

    private static void Near(string expected, string actual) => Near(Numbers(expected), Numbers(actual));

    private static void Near(List<double> expected, List<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
    }

    /// <summary>The numbers of a table or of JSON.</summary>
    private static List<double> Numbers(string text)
    {
        var numbers = new List<double>();
        foreach (var word in text.Split(['\t', '\n', ',', '[', ']', '{', '}', ':', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
        }

        return numbers;
    }

    private static string Succeed((int ExitCode, string Output, string Error) result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
