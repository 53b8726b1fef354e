using System.Globalization;
using GptGen.Generator.Autodiff;
using GptGen.Generator.Emit;
using GptGen.Generator.Graph;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>Models of one project do not get in each other's way.</summary>
public class SeveralModelsTests
{
    private const string Small = "GptGen.Gpt2(Layers = 1, Heads = 1, Width = 8, Context = 8, Vocabulary = 8)";
    private const int FilesPerModel = 8;

    [Theory]
    [InlineData("class", "[{0}] partial class Model; [{0}] partial class MODEL; [{0}] partial class model;", 3)]
    [InlineData("families", "[{0}] partial class Model; [GptGen.Gpt1(Layers = 1)] partial class MODEL;", 2)]
    [InlineData("namespace", "namespace Zoo {{ [{0}] partial class Model; }} namespace ZOO {{ [{0}] partial class Model; }}", 2)]
    [InlineData(
        "same name",
        "namespace First {{ [{0}] partial class Model; }} namespace Second.First {{ [{0}] partial class Model; }} [{0}] partial class Model;", 3)]
    public void Names_that_differ_only_in_case_or_place_are_several_models(string what, string sources, int models)
    {
        var (compilation, diagnostics) = GeneratorHarness.Complete(string.Format(CultureInfo.InvariantCulture, sources, Small));

        Assert.True(diagnostics.IsEmpty, $"{what}: {diagnostics.FirstOrDefault()}");
        Assert.Equal(1 + (models * FilesPerModel), compilation.SyntaxTrees.Count());
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    [Fact]
    public void File_names_do_not_depend_on_the_order_of_sources()
    {
        string[] sources = [.. new[] { "Model", "model", "MODEL", "Other" }.Select(name => $"[{Small}] partial class {name};")];
        var names = GeneratorHarness.Run(sources).Results.Single().GeneratedSources.Select(file => file.HintName).Order(StringComparer.Ordinal)
            .ToArray();
        var reversed = GeneratorHarness.Run([.. sources.Reverse()]).Results.Single().GeneratedSources.Select(file => file.HintName).Order(
            StringComparer.Ordinal);

        Assert.Equal(names, reversed);
        Assert.Equal(names.Length, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains("Other.Model.g.cs", names);
    }

    [Fact]
    public void Long_names_give_files_that_file_systems_take_and_that_differ()
    {
        var longest = new string('\u03b1', 500);
        var names = GeneratorHarness.Run($"[{Small}] partial class A{longest}; [{Small}] partial class B{longest};")
            .Results.Single().GeneratedSources.Select(file => file.HintName).ToArray();

        Assert.Equal(2 * FilesPerModel, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(names, name => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 1, 255));
    }

    /// <summary>
    /// Any word can be a class's name or a namespace's, with an @ where the language wants it; but who redefines nint or var breaks any code.
    /// </summary>
    [Fact]
    public void Keywords_can_be_names()
    {
        var words = SyntaxFacts.GetKeywordKinds().Concat(SyntaxFacts.GetContextualKeywordKinds()).Select(SyntaxFacts.GetText)
            .Where(word => word.All(char.IsLetter))
            .Concat(["dynamic", "nuint", "notnull", "field", "extension", "_", "\u03a9mega", "Modell\u00e4"]).Except(["nint", "var"]).ToArray();
        Assert.Contains("class", words);
        Assert.Contains("record", words);
        var source = string.Concat(words.Select(word => $"namespace @{word}.Inner {{ [{Small}] internal sealed partial class @{word}; }}\n"));

        var (compilation, diagnostics) = GeneratorHarness.Complete(source);

        Assert.Empty(diagnostics);
        Assert.Equal(1 + (words.Length * FilesPerModel), compilation.SyntaxTrees.Count());
        Assert.Empty(compilation.GetDeclarationDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void A_failure_removes_its_own_model_only_and_names_class_and_operator()
    {
        const string Source = $"[{Small}] partial class Good;\n[{Small}] partial class Broken;";
        var generator = new TransformerGenerator(spec => spec.Name == "Broken" ? Fail() : ModelFiles.Generate(spec));

        var result = GeneratorHarness.CreateDriver(generator).RunGenerators(GeneratorHarness.Compile(Source)).GetRunResult();

        Assert.Equal(FilesPerModel, result.GeneratedTrees.Length);
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("GPT900", diagnostic.Id);
        Assert.Equal("Broken", Source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Contains("'Broken'", diagnostic.GetMessage(CultureInfo.InvariantCulture));
        Assert.Contains("RuleLess: InvalidOperationException", diagnostic.GetMessage(CultureInfo.InvariantCulture));
    }

    private static EquatableArray<GeneratedFile> Fail()
    {
        new GradientTape().Visit(new Node(new RuleLess(), [], []) { IsEnd = true });
        throw new Xunit.Sdk.XunitException("An operator without a gradient rule was differentiated.");
    }

    private sealed class RuleLess : Operator
    {
        public override Call Forward(Node node) => new("Nothing", []);
    }
}
