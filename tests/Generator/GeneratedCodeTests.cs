using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>What holds for the generated text of every specification.</summary>
public class GeneratedCodeTests
{
    private static readonly string[] Concerns = ["Model", "Dimensions", "Parameters", "Activations", "Forward", "Backward", "Prefill", "Decode"];

    [Theory]
    [InlineData("")]
    [InlineData("Layers = 48, Heads = 25, Width = 1600")]
    [InlineData("Layers = 96, Heads = 96, Width = 12288, Context = 2048")]
    [InlineData("Layers = 1, Heads = 1, Width = 1, Context = 1, Vocabulary = 1")]
    [InlineData("HiddenWidth = 1000")]
    [InlineData("TiedHead = false")]
    [InlineData("Biases = false")]
    [InlineData("Biases = false, TiedHead = false")]
    [InlineData("Activation = Activation.GeluErf")]
    [InlineData("Activation = Activation.Relu")]
    [InlineData("LayerNorm = LayerNormPlacement.After")]
    [InlineData("LayerNorm = LayerNormPlacement.After, Biases = false, TiedHead = false")]
    [InlineData("Dropout = 0.1f, Epsilon = 1e-6f, InitialDeviation = 0.01f")]
    [InlineData("Width = 64, Heads = 64, Context = 64, Vocabulary = 64, HiddenWidth = 64")]
    public void It_compiles_without_a_warning(string arguments) => AssertNoWarning(GeneratorHarness.Model(arguments));

    [Theory]
    [InlineData("Gpt1", "[ClassificationHead(Labels = 5)]", "")]
    [InlineData("Gpt1", "[EntailmentHead]", "LayerNorm = LayerNormPlacement.Before, Biases = false")]
    [InlineData("Gpt2", "[SimilarityHead]", "TiedHead = false")]
    [InlineData("Gpt2", "[MultipleChoiceHead(Choices = 4, LanguageModelWeight = 0)]", "")]
    [InlineData("Bert", "[ClassificationHead(Labels = 5)]", "")]
    [InlineData("Bert", "[SimilarityHead(Labels = 1)]", "Biases = false")]
    [InlineData("Bert", "[MultipleChoiceHead]", "TiedHead = false")]
    [InlineData("Bert", "[QuestionAnsweringHead]", "Biases = false")]
    [InlineData("Bert", "[TokenClassificationHead(Labels = 9)]", "Layers = 1, Heads = 1, Width = 1, Context = 1, Vocabulary = 1")]
    [InlineData("Gpt2", "[ClassificationHead]", "Layers = 1, Heads = 1, Width = 1, Context = 1, Vocabulary = 1")]
    public void It_compiles_without_a_warning_with_a_task_head(string family, string head, string arguments) =>
        AssertNoWarning(GeneratorHarness.Model(arguments, family: family, head: head));

    /// <summary>What only generated code needs has a namespace of its own, so that a user's other namespaces keep their names.</summary>
    [Theory]
    [InlineData("System.Numerics", "Vector<float>")]
    [InlineData("System.Numerics", "Vector<int>?")]
    [InlineData("System.Data", "DataTable?")]
    public void Users_may_use_other_namespaces_beside(string other, string type)
    {
        var (compilation, diagnostics) = GeneratorHarness.Complete($$"""
            using {{other}};
            using GptGen;
            namespace Zoo;
            /// <summary>An example.</summary>
            [Gpt2(Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257)]
            public sealed partial class Example
            {
                /// <summary>Of another namespace.</summary>
                public {{type}} Other { get; set; }
            }
            """);
        Assert.Empty(diagnostics);
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void It_compiles_in_the_global_namespace_and_when_internal() =>
        AssertNoWarning("[GptGen.Gpt2(Layers = 2)] internal sealed partial class Example;");

    [Fact]
    public void It_compiles_when_names_need_escaping() =>
        AssertNoWarning("namespace @namespace.@event; [GptGen.Gpt2(Layers = 2)] internal sealed partial class @class;");

    [Fact]
    public void It_is_the_same_twice_and_in_every_culture()
    {
        var source = GeneratorHarness.Model("Dropout = 0.1f, Epsilon = 1e-6f");
        var first = GeneratorHarness.Files(source);
        var culture = CultureInfo.CurrentCulture;
        try
        {
            Assert.Equal(first, GeneratorHarness.Files(source));

            // German numbers have a comma before the fraction and points between thousands.
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            german.NumberFormat.NumberDecimalSeparator = ",";
            german.NumberFormat.NumberGroupSeparator = ".";
            german.NumberFormat.NegativeSign = "\u2212";
            CultureInfo.CurrentCulture = german;
            Assert.Equal(first, GeneratorHarness.Files(source));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Lines_end_with_a_line_feed_only() =>
        Assert.All(GeneratorHarness.Files(GeneratorHarness.Model("")).Values, text => Assert.DoesNotContain('\r', text));

    [Theory]
    [InlineData("")]
    [InlineData(", LayerNorm = LayerNormPlacement.After, TiedHead = false")]
    public void More_layers_change_constants_only(string options)
    {
        var few = GeneratorHarness.Files(GeneratorHarness.Model("Layers = 12" + options));
        var many = GeneratorHarness.Files(GeneratorHarness.Model("Layers = 48" + options));

        Assert.Equal(few.Keys, many.Keys);
        foreach (var name in few.Keys)
            Assert.Equal(WithoutNumbers(few[name]), WithoutNumbers(many[name]));
    }

    [Fact]
    public void The_tied_table_is_written_by_the_head_and_added_to_by_the_embedding()
    {
        var backward = GeneratorHarness.File("", "Backward");

        Assert.EndsWith("first, LabelSmoothing);", Call(backward, "HeadLossBackward"));
        Assert.Contains("global::GptGen.Tensors.GradientWrite.Add", Call(backward, "EmbedBackward"));
        Assert.True(backward.IndexOf("HeadLossBackward", StringComparison.Ordinal) < backward.IndexOf("EmbedBackward", StringComparison.Ordinal));
    }

    [Fact]
    public void An_untied_table_is_written_by_the_embedding() =>
        Assert.DoesNotContain(
            "global::GptGen.Tensors.GradientWrite.Add", Call(GeneratorHarness.File("TiedHead = false", "Backward"), "EmbedBackward"));

    [Fact]
    public void Memory_of_inference_does_not_grow_with_the_layers()
    {
        var few = Sizes("Layers = 2");
        var many = Sizes("Layers = 48");

        foreach (var phase in new[] { "PrefillLastValues", "PrefillAllValues", "DecodeValues" })
            Assert.Equal(few[phase], many[phase]);
        Assert.NotEqual(few["TrainValues"], many["TrainValues"]);
    }

    [Fact]
    public void There_is_one_file_a_concern() => Assert.Equal(
        Concerns.Select(concern => $"Zoo.Example.{concern}.g.cs").Order(StringComparer.Ordinal),
        GeneratorHarness.Files(GeneratorHarness.Model("")).Keys.Order(StringComparer.Ordinal));

    private static Dictionary<string, string> Sizes(string arguments) =>
        Regex.Matches(
            GeneratorHarness.File(arguments, "Activations"), @"readonly struct (\w+)\(.*?nint ValueElements\(.*?=> (.*?);", RegexOptions.Singleline)
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    private static string Call(string code, string method) => Regex.Match(code, $@"\.{method}\([^;]*;").Value;

    private static string WithoutNumbers(string text) => Regex.Replace(text, @"\d[\d,]*", "#");

    private static void AssertNoWarning(string source)
    {
        GeneratorHarness.CreateDriver().RunGeneratorsAndUpdateCompilation(GeneratorHarness.Compile(source), out var compilation, out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }
}
