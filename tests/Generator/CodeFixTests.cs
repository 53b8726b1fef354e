using System.Collections.Immutable;
using GptGen.CodeFixes;
using GptGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>What an editor offers for a wrong class gives a class that the generator takes.</summary>
public class CodeFixTests
{
    [Theory]
    [InlineData("Make the model class partial", "[Gpt2] public sealed class Model;", "[Gpt2] public sealed partial class Model;")]
    [InlineData("Make the model class partial", "[Gpt2]\nclass Model\n{\n}", "[Gpt2]\npartial class Model\n{\n}")]
    [InlineData("Make the model class instantiable", "[Gpt2] public abstract partial class Model;", "[Gpt2] public partial class Model;")]
    [InlineData("Make the model class instantiable", "[Gpt2] public static partial class Model;", "[Gpt2] public partial class Model;")]
    public async Task A_fix_corrects_the_class(string title, string wrong, string right)
    {
        const string Using = "using GptGen;\n";
        var (document, diagnostics) = await Analyze(Using + wrong);
        var action = Assert.Single(await Offer(document, Assert.Single(diagnostics)));
        Assert.Equal(title, action.Title);

        var text = await Apply(document, action);

        Assert.Equal(Using + right, text);
        Assert.Empty(GeneratorHarness.Run(text).Diagnostics);
    }

    [Fact]
    public async Task Two_mistakes_have_two_fixes()
    {
        var (document, diagnostics) = await Analyze("[GptGen.Gpt2] public abstract class Model;");
        var actions = new List<CodeAction>();
        foreach (var diagnostic in diagnostics)
            actions.AddRange(await Offer(document, diagnostic));
        Assert.Equal(["Make the model class instantiable", "Make the model class partial"], actions.Select(action => action.Title).Order());
    }

    [Theory]
    [InlineData("[GptGen.Gpt2] public sealed partial class Model;")]
    [InlineData("public abstract class Model;")]
    [InlineData("[GptGen.Gpt2(Layers = 0)] public sealed partial class Model;")]
    [InlineData("[System.Obsolete] public static class Model;")]
    public async Task Nothing_is_offered_for_another_class(string source) => Assert.Empty((await Analyze(source)).Diagnostics);

    private static async Task<(Document Document, ImmutableArray<Diagnostic> Diagnostics)> Analyze(string source)
    {
        using var workspace = new AdhocWorkspace();
        var compilation = GeneratorHarness.Compile(source);
        var project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "User", "User", LanguageNames.CSharp,
            compilationOptions: compilation.Options, parseOptions: compilation.SyntaxTrees[0].Options, metadataReferences: compilation.References));
        var document = project.AddDocument("File0.cs", source);
        var analyzed = (await document.Project.GetCompilationAsync())!.WithAnalyzers([new ModifierAnalyzer()]);
        return (document, await analyzed.GetAnalyzerDiagnosticsAsync());
    }

    private static async Task<IReadOnlyList<CodeAction>> Offer(Document document, Diagnostic diagnostic)
    {
        var actions = new List<CodeAction>();
        var provider = new ClassModifierFix();
        Assert.Contains(diagnostic.Id, provider.FixableDiagnosticIds);
        await provider.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private static async Task<string> Apply(Document document, CodeAction action)
    {
        var operation = Assert.Single((await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>());
        return (await operation.ChangedSolution.GetDocument(document.Id)!.GetTextAsync()).ToString();
    }
}
