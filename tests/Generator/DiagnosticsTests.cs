using System.Reflection;
using GptGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>Every mistake is reported where it was made, and what is only close to a mistake is not.</summary>
public class DiagnosticsTests
{
    /// <summary>Source with the expected place between brackets of the form [|place|].</summary>
    [Theory]
    [InlineData("GPT001", "[Gpt2] public sealed class [|Model|];")]
    [InlineData("GPT002", "public partial class Outer { [Gpt2] public sealed partial class [|Model|]; }")]
    [InlineData("GPT003", "[Gpt2] public sealed partial class [|Model|]<T>;")]
    [InlineData("GPT004", "[Gpt2] public abstract partial class [|Model|];")]
    [InlineData("GPT004", "[Gpt2] public static partial class [|Model|];")]
    [InlineData("GPT005", "public class Other; [Gpt2] public sealed partial class [|Model|] : Other;")]
    [InlineData("GPT006", "[Gpt2(Layers = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Gpt2(Heads = [|-1|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Gpt2(Width = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Gpt2(Context = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Gpt2(Vocabulary = [|-7|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Gpt2(HiddenWidth = [|-4|])] public sealed partial class Model;")]
    [InlineData("GPT007", "[Gpt2(Width = 10, Heads = [|3|])] public sealed partial class Model;")]
    [InlineData("GPT007", "[Gpt2(Width = [|770|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Dropout = [|1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Dropout = [|float.NaN|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Epsilon = [|0f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(InitialDeviation = [|-1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Activation = [|(Activation)9|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(LayerNorm = [|(LayerNormPlacement)9|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Recompute = [|(Recomputation)9|])] public sealed partial class Model;")]
    [InlineData("GPT005", "[Gpt2, ClassificationHead] public sealed partial class [|Model|] : LanguageModel;")]
    [InlineData("GPT005", "[Gpt2] public sealed partial class [|Model|] : TaskModel;")]
    [InlineData("GPT008", "[Gpt1, ClassificationHead(LanguageModelWeight = [|-1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt1, ClassificationHead(LanguageModelWeight = [|float.NaN|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt1, ClassificationHead(Labels = [|2000000|])] public sealed partial class Model;")]
    [InlineData("GPT010", "[Gpt1, [|Gpt2|]] public sealed partial class Model;")]
    [InlineData("GPT010", "[Gpt2, [|Gpt1(Layers = 3)|]] public sealed partial class Model;")]
    [InlineData("GPT011", "[Gpt2, ClassificationHead, [|SimilarityHead|]] public sealed partial class Model;")]
    [InlineData("GPT012", "[[|SimilarityHead(Labels = 1)|]] public sealed partial class Model;")]
    [InlineData("GPT013", "[Gpt1, ClassificationHead(Labels = [|1|])] public sealed partial class Model;")]
    [InlineData("GPT013", "[Gpt1, EntailmentHead(Labels = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT013", "[Gpt2, SimilarityHead(Labels = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT013", "[Gpt2, MultipleChoiceHead(Choices = [|1|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Bert(TokenTypes = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Bert(LayerNorm = [|LayerNormPlacement.Before|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Bert, ClassificationHead(LanguageModelWeight = [|0.5f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Bert, QuestionAnsweringHead(LanguageModelWeight = [|-1f|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Seq2Seq(DecoderLayers = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Seq2Seq(Layers = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(Heads = 1, Width = 2, DecoderLayers = [|2000000|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(Heads = 1, Width = [|25|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(LayerNorm = [|LayerNormPlacement.Before|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(TiedHead = [|false|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(InitialDeviation = [|0.1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(Vocabulary = 100, StartToken = [|100|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Seq2Seq(EndToken = [|-1|])] public sealed partial class Model;")]
    [InlineData("GPT009", "[Seq2Seq(Width = 4096, DecoderLayers = 900000, Layers = [|1000|])] public sealed partial class Model;")]
    [InlineData("GPT022", "[[|Seq2Seq|], ClassificationHead] public sealed partial class Model;")]
    [InlineData("GPT006", "[Elmo(Cells = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT006", "[Elmo(Layers = [|-2|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(Cells = [|20000000|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(CellClip = [|-1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(Vocabulary = 9, SampledTokens = [|10|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(ProjectionClip = [|float.NaN|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(Filters = [|new[] { 4, 0 }|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(Filters = new[] { 4 }, CharacterWidth = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(Filters = new[] { 4 }, HighwayLayers = [|-1|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(HighwayLayers = [|1|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(CharacterWidth = [|16|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(SampledTokens = [|9|]), ClassificationHead] public sealed partial class Model;")]
    [InlineData("GPT008", "[Elmo(NormalizedMix = [|true|])] public sealed partial class Model;")]
    [InlineData("GPT022", "[[|Elmo|], QuestionAnsweringHead] public sealed partial class Model;")]
    [InlineData("GPT016", "[Elmo] public sealed partial class Model { private const int [|Cells|] = 3; }")]
    [InlineData("GPT020", "public sealed class [|MyLstmAttribute|] : ModelAttribute;")]
    [InlineData("GPT008", "[TransformerXL(MemoryLength = [|-1|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(MemoryLength = [|2000000|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(ClampLength = [|-1|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Heads = 1, Width = [|25|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(LayerNorm = [|LayerNormPlacement.Before|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Activation = [|Activation.Silu|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(TiedHead = [|false|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Biases = [|false|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Cutoffs = [|new[] { 5, 5 }|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Cutoffs = [|[0, 5]|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Vocabulary = 100, Cutoffs = [|[50, 100]|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(EmbeddingDivisor = [|2|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(EmbeddingDivisor = [|0|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Cutoffs = [5, 9], EmbeddingDivisor = [|21|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[TransformerXL(Cutoffs = [5, 9], UntiedProjections = [|true|])] public sealed partial class Model;")]
    [InlineData("GPT022", "[[|TransformerXL|], ClassificationHead] public sealed partial class Model;")]
    [InlineData("GPT016", "[TransformerXL] public sealed partial class Model { private const int [|MemoryLength|] = 3; }")]
    [InlineData("GPT016", "[Seq2Seq] public sealed partial class Model { private const int [|EncoderLayers|] = 3; }")]
    [InlineData("GPT022", "[[|Gpt2|], TokenClassificationHead] public sealed partial class Model;")]
    [InlineData("GPT022", "[[|Gpt1|], QuestionAnsweringHead] public sealed partial class Model;")]
    [InlineData("GPT013", "[Bert, TokenClassificationHead(Labels = [|1|])] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt2(Width = [|600000000|], Layers = 1000)] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt2(Layers = [|2000000000|], Width = 48)] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt2(Width = 1536, Vocabulary = [|2000000000|])] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt1(Context = [|2147483647|])] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt2(Heads = 1, Width = 1, Vocabulary = [|2147483640|])] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt2(Heads = 1, Width = 1, Vocabulary = [|2147483582|]), ClassificationHead] public sealed partial class Model;")]
    [InlineData("GPT009", "[Gpt2(HiddenWidth = [|2147483647|])] public sealed partial class Model;")]
    [InlineData("GPT010", "[Gpt2] public sealed partial class Model; [[|Gpt2|]] partial class Model;")]
    [InlineData("GPT014", "[Gpt2] public sealed partial record [|Model|];")]
    [InlineData("GPT014", "[Gpt2] public sealed partial record class [|Model|](int Seed);")]
    [InlineData("GPT014", "[Gpt2] public partial record struct [|Model|];")]
    [InlineData("GPT014", "[Gpt1] public partial struct [|Model|];")]
    [InlineData("GPT014", "[Gpt2] public partial interface [|Model|];")]
    [InlineData("GPT014", "[Gpt2] public enum [|Model|];")]
    [InlineData("GPT014", "[Gpt2] public delegate void [|Model|]();")]
    [InlineData("GPT015", "[Gpt2] file sealed partial class [|Model|];")]
    [InlineData("GPT002", "file partial class Outer { [Gpt2] public sealed partial class [|Model|]; }")]
    [InlineData("GPT002", "class Outer<T> { [Gpt2] public sealed partial class [|Model|]; }")]
    [InlineData("GPT002", "partial record struct Outer { [Gpt1] public sealed partial class [|Model|]; }")]
    [InlineData("GPT012", "[[|SimilarityHead|]] public sealed partial record Model;")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { private const int [|Layers|] = 3; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public static Model [|Create|](Device on) => null!; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public [|Model|](Device device) { } }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { private sealed class [|Training|]; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { internal partial class [|Training|]; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public partial record [|Inference|]; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { private enum [|Width|]; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model; partial class Model { private event System.Action? [|Tensors|]; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { private void [|Describe|]() { } }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { private class [|Create|]<T>; }")]
    [InlineData(
        "GPT016", "[Gpt2] public sealed partial class Model { public partial class Training { protected override void [|ComputeForward|]() { } } }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public partial class Training { private const int [|Layers|] = 3; } }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public new string [|Device|] => \"\"; }")]
    [InlineData("GPT016", "[Gpt2, SimilarityHead] public sealed partial class Model { public new string [|Head|] => \"\"; }")]
    [InlineData("GPT016", "[Gpt1, ClassificationHead] public sealed partial class Model { private int [|Classes|] = 2; }")]
    [InlineData("GPT017", "[Gpt2] public sealed partial class [|Training|];")]
    [InlineData("GPT017", "[Gpt1] public sealed partial class [|Layers|];")]
    [InlineData("GPT017", "[Gpt1, EntailmentHead] public sealed partial class [|Scoring|];")]
    [InlineData("GPT017", "namespace GptGen { [Gpt2] public sealed partial class [|Device|]; }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public partial class [|Training|](int seed); }")]
    [InlineData("GPT016", "[Gpt2] public sealed partial class Model { public partial class [|Training|] : System.Exception; }")]
    [InlineData("GPT018", "[Gpt2] public sealed partial class Model[|(Device device)|];")]
    [InlineData("GPT018", "[Gpt2] public sealed partial class Model; partial class Model[|()|];")]
    [InlineData("GPT019", "[Gpt2] public sealed partial class Model { public required string [|Title|] { get; init; } }")]
    [InlineData("GPT019", "[Gpt2] public sealed partial class Model { public required int [|seed|]; }")]
    [InlineData("GPT020", "public sealed class [|MyGptAttribute|] : TransformerAttribute;")]
    [InlineData("GPT020", "public sealed class [|MyHeadAttribute|] : GptGen.TaskHeadAttribute;")]
    public void A_mistake_is_reported_where_it_was_made(string id, string marked)
    {
        var start = marked.IndexOf("[|", StringComparison.Ordinal);
        var end = marked.IndexOf("|]", StringComparison.Ordinal) - 2;
        var source = "using GptGen; " + marked.Replace("[|", "").Replace("|]", "");

        var result = GeneratorHarness.Run(source);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal(id, diagnostic.Id);
        Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
        Assert.Equal(
            marked.Substring(start + 2, end - start), source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Equal("using GptGen; ".Length + start, diagnostic.Location.SourceSpan.Start);
        Assert.Empty(result.GeneratedTrees);
    }

    [Theory]
    [InlineData("[Gpt2] public sealed partial class Model;")]
    [InlineData("[Gpt2] internal partial class Model;")]
    [InlineData("[Gpt1] public sealed partial class Model;")]
    [InlineData("[Gpt1, ClassificationHead(Labels = 2)] public sealed partial class Model;")]
    [InlineData("[Bert, ClassificationHead] public sealed partial class Model;")]
    [InlineData("[Bert, SimilarityHead(LanguageModelWeight = 0f)] public sealed partial class Model;")]
    [InlineData("[Bert, QuestionAnsweringHead] public sealed partial class Model;")]
    [InlineData("[Bert, TokenClassificationHead] public sealed partial class Model;")]
    [InlineData("[Gpt1, EntailmentHead(LanguageModelWeight = 0f)] public sealed partial class Model;")]
    [InlineData("[Gpt2, SimilarityHead(Labels = 1)] public sealed partial class Model;")]
    [InlineData("[Gpt2, MultipleChoiceHead] public sealed partial class Model : TaskModel;")]
    [InlineData("[SimilarityHead] public sealed partial class Model; [Gpt2] partial class Model;")]
    [InlineData("[Gpt1] public sealed partial class Model; [Gpt2] public sealed partial class Other;")]
    [InlineData("[Gpt2] public sealed partial class Model : LanguageModel;")]
    [InlineData("public partial class Outer { public class Inner; } [Gpt2] public sealed partial class Model;")]
    [InlineData("[Gpt2(Layers = 1, Heads = 1, Width = 1, Context = 1, Vocabulary = 1, HiddenWidth = 1)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Width = 9, Heads = 3)] public sealed partial class Model;")]
    [InlineData("[Gpt2(HiddenWidth = 0)] public sealed partial class Model;")]
    [InlineData("[Elmo] public sealed partial class Model : BidirectionalModel;")]
    [InlineData("[Elmo(Vocabulary = 9, SampledTokens = 9)] public sealed partial class Model;")]
    [InlineData("[Elmo(Filters = new[] { 4, 5 }, HighwayLayers = 0)] public sealed partial class Model;")]
    [InlineData("[Elmo(Width = 8, Cells = 8), TokenClassificationHead] public sealed partial class Model : EncoderTaskModel;")]
    [InlineData("[Elmo(Filters = new[] { 4 }, NormalizedMix = true), ClassificationHead] public sealed partial class Model;")]
    [InlineData("[Elmo(NormalizedMix = false, SampledTokens = 0), EntailmentHead] public sealed partial class Model;")]
    [InlineData("[Elmo(Layers = 1, Width = 1, Cells = 1, CellClip = 0, ProjectionClip = 0.5f)] public sealed partial class Model;")]
    [InlineData("[TransformerXL] public sealed partial class Model : SegmentModel;")]
    [InlineData("[TransformerXL(MemoryLength = 0, ClampLength = 3, UntiedBiases = true)] public sealed partial class Model;")]
    [InlineData("[TransformerXL(Cutoffs = [5, 9], EmbeddingDivisor = 20, UntiedProjections = true)] public sealed partial class Model;")]
    [InlineData("[TransformerXL(Vocabulary = 100, Cutoffs = [1, 99])] public sealed partial class Model;")]
    [InlineData("[TransformerXL(Cutoffs = [])] public sealed partial class Model;")]
    [InlineData("[Seq2Seq] public sealed partial class Model : TranslationModel;")]
    [InlineData("[Seq2Seq(Layers = 1, DecoderLayers = 1, Heads = 1, Width = 2, Context = 1, Vocabulary = 1)] public sealed partial class Model;")]
    [InlineData("[Seq2Seq(Vocabulary = 100, StartToken = 99, EndToken = 99, Biases = false)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Dropout = 0.99f)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Dropout = 0f, Epsilon = 1e-12f, InitialDeviation = 1f)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Activation = Activation.Relu, LayerNorm = LayerNormPlacement.After)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Width = 12288, Layers = 96, Heads = 96)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Heads = 1, Width = 1, Vocabulary = 2147483580), ClassificationHead] public sealed partial class Model;")]
    [InlineData("record Model; [Gpt2] public sealed partial class Other;")]
    [InlineData("file class Model; [Gpt2] internal partial class Other;")]
    [InlineData("[Gpt2] public sealed partial class Model { private const int Layer = 3; }")]
    [InlineData("[Gpt2] public sealed partial class Model { public static Model Create(string device) => Create(new CpuDevice()); }")]
    [InlineData("[Gpt2] public sealed partial class Model { public static Model Create<T>(Device device) => Create(device); }")]
    [InlineData("[Gpt2] public sealed partial class Model { public static Model Create(in Device device) => new(device); }")]
    [InlineData("[Gpt2] public sealed partial class Model { public Model() : this(new CpuDevice()) { } static Model() { } }")]
    [InlineData("[Gpt2] public sealed partial class Model { private sealed class Training<T>; private void Forward() { } }")]
    [InlineData("[Gpt2] public sealed partial class Model { public partial class Training { public int Twice() => 2 * RowCount; } }")]
    [InlineData("[Gpt2] public sealed partial class Model { public partial class Training { public void Forward(int times) { } } }")]
    [InlineData("interface INamed { int Layers { get; } } [Gpt2] public sealed partial class Model : INamed { int INamed.Layers => 3; }")]
    [InlineData("[Gpt2] public sealed partial class Model { public string Title { get; init; } = \"\"; public int this[int index] => index; }")]
    [InlineData("[Gpt2] public sealed partial class Model { private sealed class Scoring; }")]
    [InlineData("[Gpt2] public sealed partial class Scoring;")]
    [InlineData("namespace GptGen { [Gpt2] public sealed partial class Mine; }")]
    [InlineData("[Gpt2, System.CodeDom.Compiler.GeneratedCode(\"tool\", \"1\")] public sealed partial class Model;")]
    [InlineData(
        "[Gpt2] public sealed partial class Model { public partial class Training : LanguageTrainingGraph, "
        + "System.ICloneable { public object Clone() => this; } }")]
    [InlineData("[Gpt2] public sealed partial class Forward;")]
    [InlineData("[Gpt2] public sealed partial class Device;")]
    [InlineData(
        "public sealed class TransformerAttribute : System.Attribute; sealed class Mine(int seed) : System.Exception; "
        + "[Gpt2] public sealed partial class Model;")]
    public void A_near_miss_is_not_reported(string source)
    {
        var (compilation, diagnostics) = GeneratorHarness.Complete("using GptGen; " + source);

        Assert.Empty(diagnostics);
        Assert.True(compilation.SyntaxTrees.Count() > 1, "nothing was generated");
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    [Theory]
    [InlineData("[GptGen.Gpt2(Layers = 0, Heads = -1)] public sealed class Model;", "GPT001", "GPT006", "GPT006")]
    [InlineData(
        "[GptGen.Gpt2(Layers = 0, Dropout = 2f, Epsilon = 0f, Width = 9)] public sealed partial class Model;", "GPT006", "GPT007", "GPT008",
        "GPT008")]
    [InlineData("[GptGen.Gpt2(Layers = 0)] public sealed partial class Model { public required int Layers; }", "GPT006", "GPT016", "GPT019")]
    [InlineData("[GptGen.Gpt2(Width = -2, Activation = (GptGen.Activation)7)] public sealed partial class Training;", "GPT006", "GPT008", "GPT017")]
    [InlineData("[GptGen.Gpt1(Layers = 0), GptGen.Gpt2] public sealed partial record Model;", "GPT006", "GPT010", "GPT014")]
    [InlineData(
        "[GptGen.Gpt1(Layers = 0), GptGen.SimilarityHead(Labels = 0)] sealed partial class Model { int Grade; int Classes; }", "GPT006", "GPT013",
        "GPT016")]
    [InlineData("[GptGen.SimilarityHead(Labels = 0)] public sealed partial class Model;", "GPT012", "GPT013")]
    [InlineData(
        "[GptGen.Gpt2] file abstract class Model<T>(int seed) : System.Exception;", "GPT001", "GPT003", "GPT004", "GPT005", "GPT015", "GPT018")]
    public void Several_mistakes_are_reported_at_once(string source, params string[] ids) =>
        Assert.Equal(ids, GeneratorHarness.Run(source).Diagnostics.Select(diagnostic => diagnostic.Id).Order());

    /// <summary>While an author types, the compiler's own message is enough.</summary>
    [Fact]
    public void A_class_without_a_name_yet_generates_nothing()
    {
        var result = GeneratorHarness.Run("[GptGen.Gpt2] public sealed partial class");

        Assert.Empty(result.Diagnostics);
        Assert.Empty(result.GeneratedTrees);
    }

    [Fact]
    public void A_version_of_the_language_that_generated_code_is_too_new_for_is_reported()
    {
        const string Source = "[GptGen.Gpt2] internal sealed partial class Model { }";
        var diagnostic = Assert.Single(GeneratorHarness.Complete(Source, LanguageVersion.CSharp11).Diagnostics);
        Assert.Equal("GPT021", diagnostic.Id);
        Assert.Equal("Model", Source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));

        var (compilation, diagnostics) = GeneratorHarness.Complete(Source, LanguageVersion.CSharp12);
        Assert.Empty(diagnostics);
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    /// <summary>The largest sizes there are give a diagnostic or a model, and never a failure.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(", ClassificationHead(Labels = 1048576)")]
    public void Every_size_is_either_refused_or_generated(string head)
    {
        string[] sizes = ["Layers", "Heads", "Width", "Context", "Vocabulary", "HiddenWidth"];
        foreach (var size in sizes)
        {
            foreach (var value in new[] { int.MinValue, -1, 1, 1 << 20, 715827883, int.MaxValue - 66, int.MaxValue })
            {
                var small = string.Join(", ", sizes.Where(other => other != size).Select(other => other + " = 1"));
                var result = GeneratorHarness.Run(
                    $"[GptGen.Gpt2({size} = {value}, {small}){head.Replace(", ", ", GptGen.")}] public sealed partial class Model;");
                Assert.DoesNotContain(result.Diagnostics, diagnostic => diagnostic.Id is "GPT900" or "CS8785");
                Assert.Equal(result.Diagnostics.IsEmpty, result.GeneratedTrees.Length > 0);
            }
        }
    }

    [Fact]
    public void Every_descriptor_is_documented()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "diagnostics.md"));
        foreach (var descriptor in Descriptors())
        {
            var entry = page.Split("\n## ").SingleOrDefault(part => part.StartsWith(descriptor.Id + "\n", StringComparison.Ordinal));
            Assert.True(entry is not null, $"docs/diagnostics.md lacks {descriptor.Id}");
            Assert.Contains(descriptor.Title.ToString(), entry);
            Assert.Contains("**Cause.**", entry);
            Assert.Contains("**Remedy.**", entry);
            Assert.EndsWith("#" + descriptor.Id.ToLowerInvariant(), descriptor.HelpLinkUri);
        }
    }

    private static IEnumerable<DiagnosticDescriptor> Descriptors() => typeof(Descriptors).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (DiagnosticDescriptor)field.GetValue(null)!);
}
