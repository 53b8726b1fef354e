using GptGen.Evaluation;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Evaluation;

public sealed class ChoiceTests
{
    /// <summary>
    /// After any context "a" has logit 3, "b" 2 and every other byte 0, less ln(e³ + e² + 255) = 5.64: "aaa" scores -7.93, or -2.64 a token; "b"
    /// -3.64; "c" and "d" -5.64.
    /// </summary>
    [Fact]
    public void ChoicesByHand()
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device).WithLogits(('a', 3), ('b', 2));
        ChoiceExample[] examples =
        [
            new("x", ["aaa", "b", "cc"], Answer: 0),
            new("longer context", ["aaa", "b", "cc"], Answer: 1),
            new("x", ["c", "aaa", "d"], Answer: 0),
            new("x", ["d", "c"], Answer: 0), // Equally likely: the first wins.
        ];
        var results = ChoiceEvaluator.Evaluate(model, ByteTokenizer.Instance, examples, batch: 2, TestContext.Current.CancellationToken);
        Assert.Equal([new(false, true), new(true, false), new(true, false), new(true, true)], results);
    }

    /// <summary>The same whether one or all texts are computed at once.</summary>
    [Fact]
    public void ChoicesDoNotDependOnTheBatch()
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(seed: 2);
        var random = new Random(1);
        ChoiceExample[] examples =
        [
            .. Enumerable.Range(0, 40).Select(index => new ChoiceExample(
                new string('c', random.Next(1, 70)),
                [.. Enumerable.Range(0, 4).Select(_ => new string((char)random.Next('a', 'z'), random.Next(1, 9)))], random.Next(4))),
        ];
        var one = ChoiceEvaluator.Evaluate(model, ByteTokenizer.Instance, examples, batch: 1, TestContext.Current.CancellationToken).ToArray();
        Assert.Equal(one, ChoiceEvaluator.Evaluate(model, ByteTokenizer.Instance, examples, batch: 7, TestContext.Current.CancellationToken));
        Assert.InRange(one.Count(static result => result.IsCorrect), 1, 39);
    }
}
