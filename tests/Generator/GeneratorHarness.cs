using System.Collections.Immutable;
using GptGen.Generator.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GptGen.Generator.Tests;

/// <summary>Compiles a user's source against the runtime and runs the generator on it, as the compiler would.</summary>
internal static class GeneratorHarness
{
    /// <summary>Documentation on: a broken cref or a missing comment in generated code is a warning.</summary>
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14, DocumentationMode.Diagnose);

    private static readonly CSharpCompilationOptions CompilationOptions =
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999);

    private static readonly Lazy<ImmutableArray<MetadataReference>> References = new(ReadReferences);

    /// <summary>A compilation of one file, to which no generator has been applied yet.</summary>
    public static CSharpCompilation Compile(params string[] sources) => CSharpCompilation.Create(
        "User", sources.Select((source, index) => Parse(source, $"File{index}.cs")), References.Value, CompilationOptions);

    public static SyntaxTree Parse(string source, string path = "File0.cs") => CSharpSyntaxTree.ParseText(source, ParseOptions, path);

    /// <summary>A driver that records why each step ran.</summary>
    public static GeneratorDriver CreateDriver(TransformerGenerator? generator = null, LanguageVersion language = LanguageVersion.CSharp14) =>
        CSharpGeneratorDriver.Create(
            [(generator ?? new TransformerGenerator()).AsSourceGenerator()],
            parseOptions: ParseOptions.WithLanguageVersion(language),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>The user's source with what the generator adds, and what the generator reports.</summary>
    public static (Compilation Compilation, ImmutableArray<Diagnostic> Diagnostics) Complete(
        string source, LanguageVersion language = LanguageVersion.CSharp14)
    {
        var tree = CSharpSyntaxTree.ParseText(source, ParseOptions.WithLanguageVersion(language), "File0.cs");
        CreateDriver(language: language).RunGeneratorsAndUpdateCompilation(
            Compile().AddSyntaxTrees(tree), out var compilation, out var diagnostics);
        return (compilation, diagnostics);
    }

    public static GeneratorDriverRunResult Run(params string[] sources) => CreateDriver().RunGenerators(Compile(sources)).GetRunResult();

    /// <summary>The generator's files, by name.</summary>
    public static IReadOnlyDictionary<string, string> Files(string source) =>
        Run(source).Results.Single().GeneratedSources.ToDictionary(file => file.HintName, file => file.SourceText.ToString(), StringComparer.Ordinal);

    /// <summary>One file of a class in the namespace Zoo, by its concern.</summary>
    public static string File(string attribute, string concern) => Files(Model(attribute))[$"Zoo.Example.{concern}.g.cs"];

    /// <summary>A valid specification with these arguments.</summary>
    public static string Model(string arguments, string name = "Example", string family = "Gpt2", string head = "") => $"""
        using GptGen;
        namespace Zoo;
        /// <summary>An example.</summary>
        [{family}({arguments})]{head}
        public sealed partial class {name};
        """;

    /// <summary>What the generator makes of these arguments, free of anything from Roslyn.</summary>
    public static ModelSpec Spec(string arguments, string family = "Gpt2") =>
        (ModelSpec)Run(Model(arguments, family: family)).Results.Single().TrackedSteps[TransformerGenerator.ModelStep].Single().Outputs
            .Single().Value;

    private static ImmutableArray<MetadataReference> ReadReferences()
    {
        var platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return
        [
            .. platform.Split(Path.PathSeparator)
                .Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location))
                .Append(typeof(Gpt2Attribute).Assembly.Location)
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];
    }
}
