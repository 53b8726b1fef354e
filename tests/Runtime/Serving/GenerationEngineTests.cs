using GptGen.Evaluation;
using GptGen.Generation;
using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using GptGen.Serving;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Serving;

public sealed class GenerationEngineTests : IDisposable
{
    private readonly ServingModel serving = new();

    public void Dispose() => serving.Dispose();

    /// <summary>Prompts of all lengths, some with common beginnings, some of which outgrow the context.</summary>
    [Fact]
    public async Task ATextIsTheSameAloneAndAmong32()
    {
        EngineRequest[] requests = [.. Enumerable.Range(0, 32).Select(static index =>
            ServingModel.Request(index % 20, 1 + (index * 5 % 60), tokens: 5 + (index * 11 % 90), alternatives: index % 4 == 0 ? 3 : null))];
        var alone = new List<(int[] Tokens, double[] Scores)>();
        foreach (var request in requests)
        {
            using var engine = serving.Engine(1);
            alone.Add(await Written(engine.Submit(request)));
        }

        Assert.True(alone.Distinct().Count() > 15);
        foreach (var slots in (int[])[32, 5])
        {
            using var engine = serving.Engine(slots);
            var together = await Task.WhenAll(requests.Select(request => Task.Run(() => Written(engine.Submit(request)))));
            for (var index = 0; index < requests.Length; index++)
            {
                Assert.Equal(alone[index].Tokens, together[index].Tokens);
                Assert.Equal(alone[index].Scores, together[index].Scores);
            }

            Assert.Equal((0, 0), (engine.Active, engine.Waiting));
        }

        static async Task<(int[] Tokens, double[] Scores)> Written(EngineSequence sequence)
        {
            var tokens = await ServingModel.Tokens(sequence);
            return (tokens, sequence.Request.Alternatives is null ? [] : [.. tokens.Select((_, index) => sequence.LogProbability(index))]);
        }
    }

    [Fact]
    public async Task AnEngineWritesWhatAGeneratorWrites()
    {
        var generator = new TextGenerator(serving.Model, ByteTokenizer.Instance);
        using var engine = serving.Engine(4);
        for (var seed = 0; seed < 3; seed++)
        {
            SamplingOptions sampling = seed == 0 ? SamplingOptions.Greedy : new() { Seed = (uint)seed };
            int[] prompt = [1, 2, 3 + seed];
            var expected = generator.Generate(prompt, new() { Tokens = 25, Sampling = sampling }).Select(static piece => piece.Token);
            Assert.Equal(expected, await ServingModel.Tokens(engine.Submit(new EngineRequest { Prompt = prompt, Tokens = 25, Sampling = sampling })));
        }
    }

    [Fact]
    public async Task ASharedBeginningIsReadOnceAndAConversationGoesOnWhereItEnded()
    {
        using var engine = serving.Engine(4);
        var request = ServingModel.Request(1, 41, 6);
        var sequences = engine.Submit([.. Enumerable.Range(0, 4).Select(sample => request with { Sample = (uint)sample })]);
        foreach (var sequence in sequences)
            await ServingModel.Tokens(sequence);
        Assert.Equal([0, 40, 40, 40], sequences.Select(static sequence => sequence.ReusedTokens));
        int[] said = [.. request.Prompt, .. await ServingModel.Tokens(sequences[2]), 65, 66];
        var next = engine.Submit(request with { Prompt = said });
        await ServingModel.Tokens(next);
        // The last token that was written has not been read yet.
        Assert.Equal(46, next.ReusedTokens);
    }

    [Fact]
    public async Task ALongPromptDoesNotHoldUpTheOthers()
    {
        using var engine = serving.Engine(3);
        var writing = engine.Submit(ServingModel.Request(1, 2, 60));
        var first = await writing.WaitAsync(0);
        var reading = engine.Submit(ServingModel.Request(3, 64, 1));
        await ServingModel.Tokens(reading);
        Assert.InRange(writing.Count, first + 1, 60);
        await ServingModel.Tokens(writing);
    }

    [Fact]
    public async Task LogProbabilitiesAreThoseOfTheModel()
    {
        using var engine = serving.Engine(2);
        var request = ServingModel.Request(3, 20, 3, alternatives: 4) with { ScoresPrompt = true };
        var sequence = engine.Submit(request);
        var tokens = await ServingModel.Tokens(sequence);
        int[] text = [.. request.Prompt, .. tokens];
        using var scorer = new ContinuationScorer(serving.Model, 1, 40);
        for (var end = 2; end <= text.Length; end++)
        {
            var expected = new double[1];
            scorer.Score([new(text[..end], 1)], expected);
            var index = end - 1;
            var actual = index < 20 ? sequence.PromptLogProbability(index) : sequence.LogProbability(index - 20);
            Assert.Equal(expected[0], actual, 1e-4);
            var best = (index < 20 ? sequence.PromptAlternatives(index) : sequence.Alternatives(index - 20)).ToArray();
            Assert.Equal(4, best.Length);
            Assert.Equal(best.OrderByDescending(static other => other.LogProbability), best);
            if (index >= 20)
                Assert.Equal(new(tokens[index - 20], actual), best[0]);
            Assert.True(actual <= best[0].LogProbability);
        }
    }

    [Fact]
    public async Task AFullQueueRefusesAtOnceAndRecovers()
    {
        using var engine = serving.Engine(1, queue: 2);
        EngineSequence[] taken = [.. Enumerable.Range(0, 3).Select(index => engine.Submit(ServingModel.Request(index, 4, 5000)))];
        Assert.Contains(
            "3 texts are written or wait, and 1 more would be beyond 1 + 2",
            Assert.Throws<EngineFullException>(() => engine.Submit(ServingModel.Request(5, 4, 1))).Message);
        taken[2].Cancel();
        Assert.Equal(EndReason.Cancelled, taken[2].End);
        taken[0].Cancel();
        await taken[1].WaitAsync(0);
        taken[1].Cancel();
        Assert.Equal(7, (await ServingModel.Tokens(engine.Submit(ServingModel.Request(5, 4, 7)))).Length);
    }

    [Fact]
    public async Task ATextEndsWithItsTimeAndWithItsReader()
    {
        using var engine = serving.Engine(1);
        var late = engine.Submit(ServingModel.Request(1, 4, 1_000_000) with { TimeLimit = TimeSpan.FromMilliseconds(50) });
        var behind = engine.Submit(ServingModel.Request(1, 4, 1) with { TimeLimit = TimeSpan.Zero });
        await ServingModel.Tokens(late);
        await ServingModel.Tokens(behind);
        Assert.Equal((EndReason.TimeLimit, EndReason.TimeLimit, 0), (late.End, behind.End, behind.Count));
        using var cancellation = new CancellationTokenSource(50);
        var read = engine.Submit(ServingModel.Request(1, 4, 1_000_000));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ServingModel.Tokens(read, cancellation.Token));
        Assert.Equal(3, (await ServingModel.Tokens(engine.Submit(ServingModel.Request(3, 4, 3)))).Length);
        Assert.Equal(EndReason.Cancelled, read.End);
    }

    [Fact]
    public async Task AThousandRequestsOfWhichManyAreCancelledLeaveNothingBehind()
    {
        using var engine = serving.Engine(6, queue: 2000);
        var random = new Random(11);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async index =>
        {
            var sequence = engine.Submit(ServingModel.Request(index, random.Next(1, 60), random.Next(1, 12)));
            if (index % 3 == 0)
                return;
            if (index % 3 == 1)
                await sequence.WaitAsync(0);
            sequence.Cancel();
        }));
        await engine.DrainAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((0, 0), (engine.Active, engine.Waiting));
        Assert.Throws<EngineClosedException>(() => engine.Submit(ServingModel.Request(1, 1, 1)));
    }

    [Fact]
    public async Task WhatIsWrittenWhenTheEngineGoesFails()
    {
        var engine = serving.Engine(1);
        var (writing, waiting) = (engine.Submit(ServingModel.Request(1, 1, 1_000_000)), engine.Submit(ServingModel.Request(2, 1, 1)));
        await writing.WaitAsync(0);
        engine.Dispose();
        await Assert.ThrowsAsync<EngineClosedException>(() => ServingModel.Tokens(writing));
        await Assert.ThrowsAsync<EngineClosedException>(() => ServingModel.Tokens(waiting));
        Assert.Throws<EngineClosedException>(() => engine.Submit(ServingModel.Request(1, 1, 1)));
    }

    [Fact]
    public async Task DamagedWeightsFailTheTextAndNotTheEngine()
    {
        var weights = new float[serving.Model.Parameters.Elements];
        serving.Model.Parameters.Read(0, weights);
        using var engine = serving.Engine(1);
        serving.Model.Parameters.Write(0, Enumerable.Repeat(float.NaN, weights.Length).ToArray());
        var error = await Assert.ThrowsAsync<GptGenException>(() => ServingModel.Tokens(engine.Submit(ServingModel.Request(1, 3, 5))));
        Assert.Contains("damaged", error.Message);
        serving.Model.Parameters.Write(0, weights);
        Assert.Equal(5, (await ServingModel.Tokens(engine.Submit(ServingModel.Request(1, 3, 5)))).Length);
    }

    [Fact]
    public void ImpossibleRequestsAreRefused()
    {
        using var engine = serving.Engine(1);
        var request = ServingModel.Request(1, 3, 5);
        Assert.Throws<GptGenException>(() => engine.Submit(request with { Tokens = 0 }));
        Assert.Throws<GptGenException>(() => engine.Submit(request with { Prompt = [257] }));
        Assert.Throws<GptGenException>(() => engine.Submit(request with { Prompt = new int[65] }));
        Assert.Throws<GptGenException>(() => engine.Submit(request with { Alternatives = 21 }));
        Assert.Throws<GptGenException>(() => engine.Submit(request with { ScoresPrompt = true }));
        Assert.Throws<GptGenException>(() => engine.Submit(request with { Sampling = new() { TopP = 2 } }));
        Assert.Throws<GptGenException>(() => serving.Engine(0));
    }

    /// <summary>Prompts are read at once there, and sequences have no end.</summary>
    [Fact]
    public async Task AModelWithAMemoryIsServedToo()
    {
        using var device = new CpuDevice(2);
        using var model = ByteReader.Create(device);
        model.Initialize(1);
        var tokenizer = ByteTokenizer.Instance;
        var generator = new TextGenerator(model, tokenizer);
        using var engine = new GenerationEngine(model, tokenizer, new() { Slots = 3 });
        int[][] prompts = [[1], [2, 3, 4], [5, 6, 7, 8, 9, 1, 2, 3, 4], [3]];
        var sequences = prompts.Select(prompt => engine.Submit(new EngineRequest { Prompt = prompt, Tokens = 30 })).ToArray();
        for (var index = 0; index < prompts.Length; index++)
        {
            var expected = generator.Generate(prompts[index], new() { Tokens = 30 }).Select(static piece => piece.Token);
            Assert.Equal(expected, await ServingModel.Tokens(sequences[index]));
        }
    }
}
