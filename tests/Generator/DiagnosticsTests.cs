using System.Reflection;
using GptGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
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
    [InlineData("GPT007", "[[|Gpt2(Width = 770)|]] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Dropout = [|1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Dropout = [|float.NaN|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Epsilon = [|0f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(InitialDeviation = [|-1f|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(Activation = [|(Activation)9|])] public sealed partial class Model;")]
    [InlineData("GPT008", "[Gpt2(LayerNorm = [|(LayerNormPlacement)9|])] public sealed partial class Model;")]
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
    [InlineData("GPT009", "[Gpt2(Width = [|600000000|], Layers = 1000)] public sealed partial class Model;")]
    public void A_mistake_is_reported_where_it_was_made(string id, string marked)
    {
        var start = marked.IndexOf("[|", StringComparison.Ordinal);
        var end = marked.IndexOf("|]", StringComparison.Ordinal) - 2;
        var source = "using GptGen; " + marked.Replace("[|", "").Replace("|]", "");

        var result = GeneratorHarness.Run(source);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal(id, diagnostic.Id);
        Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
        Assert.Equal(marked.Substring(start + 2, end - start), source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Equal("using GptGen; ".Length + start, diagnostic.Location.SourceSpan.Start);
        Assert.Empty(result.GeneratedTrees);
    }

    [Theory]
    [InlineData("[Gpt2] public sealed partial class Model;")]
    [InlineData("[Gpt2] internal partial class Model;")]
    [InlineData("[Gpt1] public sealed partial class Model;")]
    [InlineData("[Gpt1, ClassificationHead(Labels = 2)] public sealed partial class Model;")]
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
    [InlineData("[Gpt2(Dropout = 0.99f)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Dropout = 0f, Epsilon = 1e-12f, InitialDeviation = 1f)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Activation = Activation.Relu, LayerNorm = LayerNormPlacement.After)] public sealed partial class Model;")]
    [InlineData("[Gpt2(Width = 12288, Layers = 96, Heads = 96)] public sealed partial class Model;")]
    public void A_near_miss_is_not_reported(string source)
    {
        var result = GeneratorHarness.Run("using GptGen; " + source);

        Assert.Empty(result.Diagnostics);
        Assert.NotEmpty(result.GeneratedTrees);
    }

    [Fact]
    public void Several_mistakes_are_reported_at_once() => Assert.Equal(
        ["GPT001", "GPT006", "GPT006"],
        GeneratorHarness.Run("[GptGen.Gpt2(Layers = 0, Heads = -1)] public sealed class Model;").Diagnostics.Select(diagnostic => diagnostic.Id).Order());

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
