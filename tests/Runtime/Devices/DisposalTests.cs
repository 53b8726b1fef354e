using GptGen.Extensions.AI;
using GptGen.Generation;
using GptGen.Runtime.Tests.Models;
using GptGen.Text;
using GptGen.Training;
using Microsoft.Extensions.AI;
using Xunit;

namespace GptGen.Runtime.Tests.Devices;

/// <summary>
/// What is disposed of while others use it is not freed under them: they get <see cref="ObjectDisposedException"/>, and nothing else happens. Memory
/// that is freed in use would end this process: the model is so large that its memory goes back to the system at once.
/// </summary>
public sealed class DisposalTests
{
    private const int Rounds = 40;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Targets => ["model", "device", "device, then model", "graph", "optimizer", "chat"];

    [Theory]
    [MemberData(nameof(Targets))]
    public void WhoeverUsesWhatIsDisposedOfGetsObjectDisposed(string target)
    {
        var random = new Random(target.Length);
        for (var round = 0; round < Rounds; round++)
        {
            using var device = new CpuDevice(2);
            using var model = LargeTable.Create(device);
            using var graph = model.CreateTraining(2, 16);
            using var optimizer = new AdamWOptimizer(model);
            using var started = new CountdownEvent(2);
            var users = target switch
            {
                "chat" => new[] { Use(started, () => Chat(model)), Use(started, () => Chat(model)) },
                "graph" or "optimizer" =>
                    [Use(started, () => Train(graph, optimizer)), Use(started, () => throw new ObjectDisposedException("nothing"))],
                _ => [Use(started, () => Train(graph, optimizer)), Use(started, () => Generate(model))],
            };
            Assert.True(started.Wait(s_limit));
            Thread.SpinWait(random.Next(2_000_000));
            foreach (var disposed in (IDisposable[])(target switch
            {
                "device" => [device],
                "device, then model" => [device, model],
                "graph" => [graph],
                "optimizer" => [optimizer],
                _ => [model],
            }))
            {
                disposed.Dispose();
            }

            foreach (var user in users)
            {
                Assert.True(user.Thread.Join(s_limit), "A user of what is disposed of goes on.");
                Assert.IsType<ObjectDisposedException>(user.Error());
            }
        }
    }

    [Fact]
    public void DisposingWaitsForACallThatBeganBefore()
    {
        using var device = new CpuDevice(1);
        var arena = device.Allocate(BufferRole.Activation, 4);
        var earlier = device.Begin();
        var thread = new Thread(arena.Dispose);
        thread.Start();
        Assert.True(SpinWait.SpinUntil(() => arena.IsDisposed, s_limit));
        Assert.False(thread.Join(100), "Memory was freed in a call.");
        earlier.Dispose();
        Assert.True(thread.Join(s_limit), "Disposing goes on waiting.");
        Assert.True(device.Calls.IsNone);
    }

    /// <summary>Threads whose calls overlap, so that there is always one.</summary>
    [Fact]
    public void DisposingEndsAlsoWhereCallsNeverDo()
    {
        using var device = new CpuDevice(1);
        var stop = false;
        var threads = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                using var call = device.Begin();
                Thread.SpinWait(1000);
            }
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        var disposing = new Thread(() =>
        {
            for (var count = 0; count < 100; count++)
                device.Allocate(BufferRole.Activation, 4).Dispose();
        });
        disposing.Start();
        Assert.True(disposing.Join(s_limit), "Disposing waits for ever.");
        Volatile.Write(ref stop, true);
        Assert.All(threads, static thread => Assert.True(thread.Join(s_limit)));
    }

    [Fact]
    public void OneThreadAtATimeUsesAGraph()
    {
        using var device = new CpuDevice(1);
        using var model = Gpt2Tiny.Create(device);
        model.Initialize(1);
        using var graph = model.CreateInference(1, 64, 64, 64);
        int[] tokens = [.. Enumerable.Range(0, 64)];
        using var started = new CountdownEvent(2);
        var refused = 0;
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            started.Signal();
            started.Wait(s_limit);
            while (Volatile.Read(ref refused) == 0)
            {
                try
                {
                    graph.PrefillAllLogits(64, tokens, [64], [0]);
                }
                catch (InvalidOperationException error) when (error.Message.Contains("one thread at a time", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Assert.All(threads, static thread => Assert.True(thread.Join(s_limit)));
        Assert.True(refused > 0);
        graph.PrefillAllLogits(64, tokens, [64], [0]);
    }

    [Fact]
    public void DisposingTwiceAndInAnyOrderIsAllowed()
    {
        var device = new CpuDevice(2);
        var model = TaskModels.CreateLanguage(nameof(Gpt1Entailment), device);
        IDisposable[] all = [
            device, model, model.CreateTraining(1, 4), model.CreateInference(1, 4, 4, 1), model.CreateScoring(1, 4), new AdamWOptimizer(model)];
        foreach (var item in all.Concat(all.Reverse()))
            item.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.CreateTraining(1, 4));
        Assert.Throws<ObjectDisposedException>(() => model.CreateInference(1, 4, 4, 1));
        Assert.Throws<ObjectDisposedException>(() => model.ReadParameter(model.Description.Parameters[0].Name));
    }

    private static (Thread Thread, Func<Exception?> Error) Use(CountdownEvent started, Action use)
    {
        Exception? error = null;
        var thread = new Thread(() =>
        {
            started.Signal();
            try
            {
                while (true)
                    use();
            }
            catch (Exception caught)
            {
                error = caught;
            }
        });
        thread.Start();
        return (thread, () => error);
    }

    private static void Train(LanguageTrainingGraph graph, AdamWOptimizer optimizer)
    {
        graph.SetBatch(2, 16, new int[32], new int[32]);
        graph.Forward();
        graph.Backward(accumulate: false);
        optimizer.Step(graph.Gradients, 0, new());
        Assert.True(double.IsFinite(graph.ReadLoss()));
    }

    private static void Generate(LanguageModel model)
    {
        foreach (var piece in new TextGenerator(model, ByteTokenizer.Instance).Generate("ab", new() { Tokens = 20, Samples = 2 }))
            Assert.InRange(piece.Token, 0, 255);
    }

    private static void Chat(LanguageModel model)
    {
        using var client = new GptChatClient(new TextGenerator(model, ByteTokenizer.Instance), defaults: new() { Tokens = 20 });
        client.GetResponseAsync("Hi").GetAwaiter().GetResult();
    }
}
