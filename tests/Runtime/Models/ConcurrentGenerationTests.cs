using GptGen.Generation;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>One set of weights serves many generations at once, and each writes what it writes alone.</summary>
public class ConcurrentGenerationTests
{
    private const int Generations = 8;

    [Fact]
    public async Task GenerationsAtOnceWriteWhatEachWritesAlone()
    {
        using var device = new CpuDevice(2);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        var alone = Enumerable.Range(0, Generations).Select(index => Write(model, index)).ToArray();
        var together = await Task.WhenAll(Enumerable.Range(0, Generations).Select(index => Task.Factory.StartNew(
            () => Write(model, index), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(alone, together);
        Assert.Equal(Generations, alone.Distinct().Count());
    }

    [Fact]
    public void GenerationEndsWhenItIsCancelled()
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        using var cancellation = new CancellationTokenSource();
        var pieces = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in new TextGenerator(model, Tokenizer.Open("bytes")).Generate("a", new() { Tokens = 1000 }, cancellation.Token))
            {
                if (++pieces == 5)
                    cancellation.Cancel();
            }
        });
        Assert.Equal(5, pieces);
    }

    /// <summary>Longer than the context, so that windows are read anew on the way.</summary>
    private static string Write(LanguageModel model, int index)
    {
        var options = new GenerationOptions { Tokens = 80, Samples = 2, Sampling = new() { Seed = (uint)index } };
        return string.Concat(new TextGenerator(model, Tokenizer.Open("bytes")).Generate($"{index}", options).Select(piece => piece.Text));
    }
}
