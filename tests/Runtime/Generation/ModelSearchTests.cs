using GptGen.Generation;
using GptGen.Reference;
using GptGen.Runtime.Tests.Models;
using GptGen.Sampling;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Generation;

/// <summary>Beam search with models.</summary>
public sealed class ModelSearchTests : IDisposable
{
    private const int End = 3;
    private readonly CpuDevice device = new(2);

    public void Dispose() => device.Dispose();

    /// <summary>
    /// With as many beams as there are continuations of all beginnings, 5 of 64, none falls out and the search finds what is best among all texts of
    /// up to four tokens; it has not so many finished texts before the last token that it would end early.
    /// </summary>
    [Theory]
    [InlineData("cpu", 1, 0)]
    [InlineData("cpu", 0, 0)]
    [InlineData("cpu", 0.6, 5)]
    [InlineData("reference", 1, 0)]
    public void ASearchOfAllBeginningsIsExhaustive(string name, double exponent, double offset)
    {
        const int Most = 4, Wanted = 60;
        using var open = Variants.Open(name);
        using var model = FewTokens.Create(open);
        Variants.Fill(model);
        int[] prompt = [2, 4, 1];
        var options = new BeamOptions { Beams = 5 * 64, Best = Wanted, Tokens = Most, LengthPenalty = new(exponent, offset) };
        var found = Search(model, [prompt], options)[0];
        var all = AllTexts(model, prompt, Most)
            .Select(text => (Text: string.Join(' ', text.Tokens), Score: options.LengthPenalty.Score(text.LogProbability, text.Tokens.Length)))
            .OrderByDescending(static text => text.Score).ToList();
        Assert.Equal(1 + 4 + 16 + 64 + 256, all.Count);
        Assert.Equal(all.Take(Wanted).Select(static text => text.Text), Tokens(found));
        for (var place = 0; place < Wanted; place++)
            Assert.Equal(all[place].Score, found[place].Score, 1e-5);
        Assert.Contains(found, static text => text.IsEnded);
        Assert.Contains(found, static text => !text.IsEnded);
    }

    [Theory]
    [MemberData(nameof(Variants.NamesAndDevices), MemberType = typeof(Variants))]
    public void OneSourceDoesNotChangeAnother(string name, string deviceName)
    {
        using var open = Variants.Open(deviceName);
        using var model = Variants.Create(name, open);
        int[][] prompts = [[3, 1], [5], [7, 7, 2, 9, 4]];
        var options = new BeamOptions { Beams = 3, Best = 3, Tokens = 5, LengthPenalty = LengthPenalty.Google(0.6) };
        var together = Search(model, prompts, options);
        for (var source = 0; source < prompts.Length; source++)
        {
            var alone = Search(model, [prompts[source]], options)[0];
            Assert.Equal(Tokens(alone), Tokens(together[source]));
            for (var place = 0; place < alone.Length; place++)
                Assert.Equal(alone[place].LogProbability, together[source][place].LogProbability, 1e-4);
        }
    }

    [Theory]
    [InlineData("A prompt.")]
    [InlineData("")]
    [InlineData("The more beams, the more memory")]
    public void OneBeamIsGreedy(string prompt)
    {
        using var model = Gpt2Tiny.Create(device);
        Variants.Fill(model);
        var generator = new TextGenerator(model, ByteTokenizer.Instance);
        var greedy = generator.Generate(prompt, new() { Tokens = 20, Sampling = SamplingOptions.Greedy, LogProbabilities = true }).ToList();
        var found = Assert.Single(generator.Search(prompt, new() { Beams = 1, Tokens = 20, LengthPenalty = default }));
        // Greedy, too, knows no tokens that the tokenizer has no text for; the model has one, and that one a share of the probability.
        Assert.Equal(string.Concat(greedy.Select(static piece => piece.Text)), found.Text);
        Assert.Equal(20, found.Tokens);
        Assert.True(found.LogProbability >= greedy.Sum(static piece => piece.LogProbability!.Value) - 1e-4);
    }

    [Fact]
    public void MoreBeamsNeverFindLessAtTheEndOfTheContext()
    {
        using var model = Gpt2Tiny.Create(device);
        Variants.Fill(model);
        var generator = new TextGenerator(model, ByteTokenizer.Instance);
        var prompt = ByteTokenizer.Instance.EncodePrompt("Context");
        var (room, options) = (generator.SearchRoom(prompt), new BeamOptions { Best = 2, Tokens = 1000 });
        var found = generator.Search(prompt, options);
        Assert.Equal(64 - 7 + 1, room);
        Assert.Equal([room, room], found.Select(static text => text.Tokens));
        Assert.All(found, text => Assert.Equal(text.LogProbability / room, text.Score, 1e-12));
        Assert.True(found[0].Score >= found[1].Score && found[0].Text != found[1].Text);
        Assert.True(found[0].Score >= generator.Search(prompt, options with { Beams = 1, Best = 1 })[0].Score);
    }

    [Fact]
    public void ATokenAllocatesNothing()
    {
        const int Most = 30;
        using var model = Gpt2Tiny.Create(device);
        Variants.Fill(model);
        using var graph = model.CreateInference(2 * 3, 64, 4, 2);
        graph.Prefill(2, [1, 2, 3, 4], [2, 2], [0, 3]);
        var counting = new CountingSlots(graph);
        new BeamSearch(counting, new() { Beams = 3, Tokens = Most, Forbidden = [5] }, end: null, limit: 256).Run([2, 2]);
        Assert.Equal(Most - 1, counting.AllocatedBefore.Count);
        // The first token's code may have to be compiled.
        Assert.All(counting.AllocatedBefore.Skip(2), bytes => Assert.Equal(counting.AllocatedBefore[1], bytes));
    }

    /// <summary>Notes how much was allocated before each call.</summary>
    private sealed class CountingSlots(IDecodingSlots graph) : IDecodingSlots
    {
        public List<long> AllocatedBefore { get; } = new(1000);

        public int Slots => graph.Slots;

        public int Capacity => graph.Capacity;

        public int Vocabulary => graph.Vocabulary;

        public void Decode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, ReadOnlySpan<int> slots)
        {
            AllocatedBefore.Add(GC.GetAllocatedBytesForCurrentThread());
            graph.Decode(tokens, positions, slots);
        }

        public void ReadLogits(int row, Span<float> logits) => graph.ReadLogits(row, logits);

        public void CopySlots(ReadOnlySpan<SlotCopy> slots) => graph.CopySlots(slots);
    }

    private static IEnumerable<string> Tokens(BeamHypothesis[] texts) => texts.Select(static text => string.Join(' ', text.Tokens));

    private static BeamHypothesis[][] Search(LanguageModel model, int[][] prompts, BeamOptions options)
    {
        var (longest, context) = (prompts.Max(static prompt => prompt.Length), model.Description.Context);
        using var graph = model.CreateInference(prompts.Length * options.Beams, context, prompts.Length * longest, 0);
        graph.Prefill(
            longest, [.. prompts.SelectMany(prompt => prompt.Concat(Enumerable.Repeat(0, longest - prompt.Length)))],
            [.. prompts.Select(static prompt => prompt.Length)], [.. Enumerable.Range(0, prompts.Length).Select(source => source * options.Beams)]);
        return new BeamSearch(graph, options, End, model.Description.Vocabulary).Run([.. prompts.Select(static prompt => prompt.Length)]);
    }

    /// <summary>Every text that ends or is as long as may be, with its probability from whole passes.</summary>
    private static List<(int[] Tokens, double LogProbability)> AllTexts(LanguageModel model, int[] prompt, int most)
    {
        var texts = new List<(int[], double)>();
        using var graph = model.CreateInference(1, model.Description.Context, model.Description.Context, 1);
        var logits = new float[model.Description.Vocabulary];
        Extend([], 0);
        return texts;

        void Extend(int[] tokens, double sum)
        {
            if (tokens.Length == most || tokens is [.., End])
            {
                texts.Add((tokens, sum));
                return;
            }

            int[] whole = [.. prompt, .. tokens];
            graph.Prefill(whole.Length, whole, [whole.Length], [0]);
            graph.ReadLogits(0, logits);
            var all = Math.Log(logits.Sum(static logit => Math.Exp(logit)));
            foreach (var (token, logit) in logits.ToArray().Index())
                Extend([.. tokens, token], sum + logit - all);
        }
    }
}
