using GptGen.Finetuning;
using Xunit;

namespace GptGen.Runtime.Tests.Finetuning;

/// <summary>Entities and their scores as conlleval and seqeval count them.</summary>
public sealed class TagCountsTests
{
    [Theory]
    [InlineData("O O O", "")]
    [InlineData("B-PER I-PER O B-LOC", "PER 0-1, LOC 3-3")]
    [InlineData("B-PER B-PER I-PER", "PER 0-0, PER 1-2")]
    [InlineData("I-PER I-PER O I-LOC", "PER 0-1, LOC 3-3")]
    [InlineData("B-PER I-LOC I-LOC", "PER 0-0, LOC 1-2")]
    [InlineData("B-PER E-PER S-LOC I-LOC", "PER 0-1, LOC 2-2, LOC 3-3")]
    [InlineData("NOUN NOUN VERB O", "NOUN 0-1, VERB 2-2")]
    [InlineData("B-A-B I-A-B", "A-B 0-1")]
    public void EntitiesBeginAndEnd(string tags, string entities) => Assert.Equal(
        entities,
        string.Join(", ", TagCounts.EntitiesOf(tags.Split(' ')).Select(static entity => $"{entity.Type} {entity.First}-{entity.Last}")));

    /// <summary>The example in seqeval's own documentation, whose accuracy is 0.80 and F1 0.50.</summary>
    [Fact]
    public void ScoresAreThoseOfSeqeval()
    {
        var counts = new TagCounts();
        counts.AddText(["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"]);
        counts.AddText(["B-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"]);
        var metrics = counts.Metrics();
        Assert.Equal(0.8, metrics.Accuracy, 1e-12);
        Assert.Equal(0.5, metrics.F1, 1e-12);
        Assert.Equal([("MISC", 1, 0.0), ("PER", 1, 1.0)], metrics.Classes.Select(static type => (type.Label, type.Support, type.F1)));
        Assert.Equal((2, 0.5, 0.5), (metrics.Entities!.Value.Support, metrics.Entities.Value.Precision, metrics.Entities.Value.Recall));
    }

    /// <summary>Micro: all entities count alike, whatever their type.</summary>
    [Fact]
    public void AllEntitiesCountAlike()
    {
        var counts = new TagCounts();
        counts.AddText(["B-A", "B-A", "B-A", "B-C"], ["B-A", "B-A", "B-A", "O"]);
        counts.AddText(["O", "B-C"], ["B-A", "B-C"]);
        var metrics = counts.Metrics();
        Assert.Equal(4.0 / 5, metrics.Entities!.Value.Precision, 1e-12);
        Assert.Equal(4.0 / 5, metrics.Entities.Value.Recall, 1e-12);
        Assert.Equal(4.0 / 6, metrics.Accuracy, 1e-12);
        Assert.Throws<ArgumentException>(() => counts.AddText(["O"], []));
    }
}
