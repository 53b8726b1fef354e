using GptGen.Pretraining;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Pretraining;

[Bert(Layers = 1, Heads = 2, Width = 16, Context = 24, Vocabulary = 300, InitialDeviation = 0.5f)]
public sealed partial class BertFiller;

public sealed class MaskFillerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CpuDevice device = new(1);
    private readonly BertFiller model;
    private readonly WordPieceTokenizer tokenizer;

    public MaskFillerTests()
    {
        model = BertFiller.Create(device);
        model.Initialize(3);
        var text = string.Concat(
            Enumerable.Range(0, 60).Select(static line => $"the gear number {line} turns wheel {line * 7 % 11} of the machine.\n"));
        WordPieceTrainer.Train(TextCorpus.FromText("text", text), 300, isCased: false, TestContext.Current.CancellationToken)
            .Save(folder.File("words"));
        tokenizer = WordPieceTokenizer.FromFolder(folder.File("words"));
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void CandidatesAreTheSoftmaxOfTheLogitsInOrder()
    {
        const string Text = "the [MASK] turns the [MASK].";
        var filled = new MaskFiller(model, tokenizer).Fill(Text, 4);
        var tokens = tokenizer.EncodePair(Text).Tokens;
        int[] rows = [.. Enumerable.Range(0, tokens.Length).Where(row => tokens[row] == tokenizer.Masked.Mask)];
        using var graph = model.CreateTraining(1, tokens.Length);
        graph.SetBatch(tokens.Length, tokens, [], [tokens.Length], rows, [0, 0], []);
        graph.Forward();
        var logits = new float[2 * 300];
        graph.ReadLogits(logits);
        Assert.Equal(rows, filled.Gaps.Select(static gap => gap.Position));
        foreach (var (gap, row) in logits.Chunk(300).Index())
        {
            var sum = row.Sum(static logit => Math.Exp(logit));
            var best = Enumerable.Range(0, tokenizer.VocabularySize).OrderByDescending(token => row[token]).Take(4).ToList();
            Assert.Equal(best, filled.Gaps[gap].Candidates.Select(static candidate => candidate.Token));
            Assert.All(filled.Gaps[gap].Candidates, candidate => Assert.Equal(Math.Exp(row[candidate.Token]) / sum, candidate.Probability, 1e-6));
            Assert.All(filled.Gaps[gap].Candidates, candidate => Assert.Equal(tokenizer.Decode([candidate.Token]), candidate.Text));
        }

        foreach (var gap in filled.Gaps)
            tokens[gap.Position] = gap.Candidates[0].Token;
        Assert.Equal(tokenizer.Decode(tokens.AsSpan(1, tokens.Length - 2)), filled.Text);
    }

    [Fact]
    public void TextsWithoutAGapOrTooLongAreRefused()
    {
        var filler = new MaskFiller(model, tokenizer);
        Assert.Contains("[MASK]", Assert.Throws<GptGenException>(() => filler.Fill("the gear turns")).Message);
        var tooLong = "[MASK] " + string.Concat(Enumerable.Repeat("gear ", 40));
        Assert.Contains("at most 24", Assert.Throws<GptGenException>(() => filler.Fill(tooLong)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => filler.Fill("[MASK]", 0));
    }

    [Fact]
    public void WeightsThatGiveNoNumbersAreRefused()
    {
        var name = model.Description.Tensors.First(static tensor => tensor.Name.Contains("LayerNorm.bias")).Name;
        var values = model.ReadParameter(name);
        values[0] = float.NaN;
        model.WriteParameter(name, values);
        Assert.Contains("no numbers", Assert.Throws<GptGenException>(() => new MaskFiller(model, tokenizer).Fill("a [MASK]")).Message);
    }
}
