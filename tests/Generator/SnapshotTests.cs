using System.Runtime.CompilerServices;
using GptGen.Generator.Tests.Verify;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>The generated code itself, so that a change of the generator shows what it changes.</summary>
public class SnapshotTests
{
    /// <summary>The models whose every file is in their snapshot: one a family.</summary>
    private static readonly string[] ShownWhole = ["Gpt1", "Gpt2Small"];

    private static readonly string[] ShownConcerns = ["Model", "Parameters"];

    private const string Tiny = "Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257";

    /// <summary>The zoo's classes, from their sources.</summary>
    public static TheoryData<string> Zoo => [.. Directory.GetFiles(ZooFolder, "*.cs")
        .Where(file => GeneratorHarness.Files(File.ReadAllText(file)).Count > 0).Select(file => Path.GetFileNameWithoutExtension(file))
        .Order(StringComparer.Ordinal)];

    private static string ZooFolder => Path.Combine(SourceTree.Root, "models", "Zoo");

    /// <summary>Models of one family differ in constants: the class and the parameters show them all, and one of them shows the rest.</summary>
    [Theory]
    [MemberData(nameof(Zoo))]
    public Task Model(string name) => VerifyFiles(
        name, File.ReadAllText(Path.Combine(ZooFolder, name + ".cs")),
        file => ShownWhole.Contains(name) || ShownConcerns.Any(concern => file.Key.EndsWith($".{concern}.g.cs", StringComparison.Ordinal)));

    [Fact]
    public void Every_snapshot_of_a_model_has_its_model() => Assert.Equal(
        Zoo.Select(row => $"SnapshotTests.Model_{row.Data}.verified.cs"),
        Directory.GetFiles(Path.Combine(SourceTree.Root, "tests", "Generator"), "SnapshotTests.Model_*.verified.cs")
            .Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Fact]
    public Task Plain() => VerifyFiles("", GeneratorHarness.Model(Tiny), _ => true);

    /// <summary>A small model of each other family, whole.</summary>
    [Theory]
    [InlineData("Bert", "Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257")]
    [InlineData("Elmo", "Layers = 2, Width = 32, Cells = 48, Context = 16, Vocabulary = 257, CellClip = 1.5f, ProjectionClip = 0")]
    [InlineData("Seq2Seq", "Layers = 2, DecoderLayers = 3, Heads = 2, Width = 32, Context = 64, Vocabulary = 257")]
    [InlineData(
        "TransformerXL",
        "Layers = 2, Heads = 2, Width = 32, Context = 16, MemoryLength = 48, Vocabulary = 257, ClampLength = 40, UntiedBiases = true")]
    public Task Family(string family, string arguments) => VerifyFiles(family, GeneratorHarness.Model(arguments, family: family), _ => true);

    /// <summary>A vocabulary in clusters: from tables of their own with projections, and from one table.</summary>
    [Theory]
    [InlineData("Apart", 2)]
    [InlineData("OneTable", 1)]
    public Task Clusters(string name, int divisor)
    {
        const string sizes = "Layers = 2, Heads = 2, Width = 32, Context = 16, Vocabulary = 257, Cutoffs = new[] { 20, 100 }";
        return VerifyFiles(name, GeneratorHarness.Model($"{sizes}, EmbeddingDivisor = {divisor}", family: "TransformerXL"), _ => true);
    }

    /// <summary>The files that an option changes: the others are those of the plain model.</summary>
    [Theory]
    [InlineData("HiddenWidth", "HiddenWidth = 100")]
    [InlineData("Epsilon", "Epsilon = 1e-6f")]
    [InlineData("Dropout", "Dropout = 0.1f")]
    [InlineData("UntiedHead", "TiedHead = false")]
    [InlineData("WithoutBiases", "Biases = false")]
    [InlineData("GeluErf", "Activation = Activation.GeluErf")]
    [InlineData("Relu", "Activation = Activation.Relu")]
    [InlineData("NormalizedAfter", "LayerNorm = LayerNormPlacement.After")]
    [InlineData("InitialDeviation", "InitialDeviation = 0.01f")]
    [InlineData("Recompute", "Recompute = Recomputation.ActivationsAndLayerNorms")]
    public Task Option(string name, string argument)
    {
        var plain = GeneratorHarness.Files(GeneratorHarness.Model(Tiny));
        return VerifyFiles(name, GeneratorHarness.Model($"{Tiny}, {argument}"), file => file.Value != plain[file.Key]);
    }

    /// <summary>A task head's files: of one kind all that differ from the model without it, of the others what differs from that kind.</summary>
    [Theory]
    [InlineData("Classification", "[ClassificationHead(Labels = 3)]")]
    [InlineData("Entailment", "[EntailmentHead(LanguageModelWeight = 0.25f)]")]
    [InlineData("Similarity", "[SimilarityHead(Labels = 3)]")]
    [InlineData("GradedSimilarity", "[SimilarityHead(Labels = 1)]")]
    [InlineData("MultipleChoice", "[MultipleChoiceHead(Choices = 4)]")]
    public Task Head(string name, string attribute)
    {
        // With the special tokens as many rows as the model without a head.
        const string Shorter = "Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 254";
        var other = GeneratorHarness.Files(name == "Classification"
            ? GeneratorHarness.Model(Tiny) : GeneratorHarness.Model(Shorter, head: "[ClassificationHead(Labels = 3)]"));
        return VerifyFiles(name, GeneratorHarness.Model(Shorter, head: attribute), file => file.Value != other.GetValueOrDefault(file.Key));
    }

    /// <summary>The same of an encoder.</summary>
    [Theory]
    [InlineData("Classification", "[ClassificationHead(Labels = 3)]")]
    [InlineData("MultipleChoice", "[MultipleChoiceHead(Choices = 4)]")]
    [InlineData("TokenClassification", "[TokenClassificationHead(Labels = 3)]")]
    [InlineData("QuestionAnswering", "[QuestionAnsweringHead]")]
    public Task Encoder_head(string name, string attribute)
    {
        const string Sizes = "Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257";
        string Model(string head) => GeneratorHarness.Model(Sizes, head: head, family: "Bert");
        var other = GeneratorHarness.Files(Model(name == "Classification" ? "" : "[ClassificationHead(Labels = 3)]"));
        return VerifyFiles(name, Model(attribute), file => file.Value != other.GetValueOrDefault(file.Key));
    }

    /// <summary>The same of a bidirectional model, whose own weights stay as they are.</summary>
    [Theory]
    [InlineData("Classification", "[ClassificationHead(Labels = 3)]")]
    [InlineData("TokenClassification", "[TokenClassificationHead(Labels = 3)]")]
    [InlineData("Characters", "[ClassificationHead(Labels = 3)]", ", Filters = new[] { 4, 6 }, HighwayLayers = 1, NormalizedMix = true")]
    public Task Bidirectional_head(string name, string attribute, string options = "")
    {
        const string Sizes = "Layers = 2, Width = 32, Cells = 48, Context = 16, Vocabulary = 257";
        string Model(string head, string options = "") => GeneratorHarness.Model(Sizes + options, head: head, family: "Elmo");
        var other = GeneratorHarness.Files(Model(name == "Classification" ? "" : "[ClassificationHead(Labels = 3)]"));
        return VerifyFiles(name, Model(attribute, options), file => file.Value != other.GetValueOrDefault(file.Key));
    }

    /// <summary>The chosen files joined, each under its name.</summary>
    private static Task VerifyFiles(
        string name, string source, Func<KeyValuePair<string, string>, bool> choose, [CallerMemberName] string method = "")
    {
        var files = GeneratorHarness.Files(source).Where(choose).OrderBy(file => file.Key, StringComparer.Ordinal)
            .Select(file => $"// ==== {file.Key}\n{file.Value}").ToArray();
        Assert.NotEmpty(files);
        return Verifier.Verify(string.Concat(files), name, method: method);
    }
}
