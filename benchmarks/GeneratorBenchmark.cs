using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GptGen.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GptGen.Benchmarks;

/// <summary>Generating the zoo in a warm compiler: nothing is cached from the run before but the runtime's own code.</summary>
public class GeneratorBenchmark
{
    private const string Prefix = "Zoo/";

    private readonly SyntaxTree[] zoo = [.. ReadZoo()];
    private readonly MetadataReference[] references = [.. ReadReferences()];

    /// <summary>Runs the benchmark and gives the exit code.</summary>
    internal static int Run()
    {
        // In this process: the code to time is the generator's, and a project of BenchmarkDotNet's own would build the whole tree again.
        var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumn(StatisticColumn.Min, StatisticColumn.Median);
        return BenchmarkRunner.Run<GeneratorBenchmark>(config).HasCriticalValidationErrors ? 1 : 0;
    }

    /// <summary>Holds the benchmark to its name: every file of the zoo but the list of models gives code, and nothing is wrong with it.</summary>
    [GlobalSetup]
    public void Check()
    {
        var result = Generate();
        var models = result.GeneratedTrees.Count(static tree => tree.FilePath.EndsWith(".Model.g.cs", StringComparison.Ordinal));
        if (result.Diagnostics.Length > 0 || models != zoo.Length - 1)
            throw new InvalidOperationException($"The zoo has {zoo.Length - 1} models, but {models} were generated.");
    }

    /// <summary>A compilation and a generator driver of its own, as after a change of every specification.</summary>
    [Benchmark]
    public GeneratorDriverRunResult Generate()
    {
        var compilation = CSharpCompilation.Create("Zoo", zoo, references, new(OutputKind.DynamicallyLinkedLibrary));
        return CSharpGeneratorDriver.Create(new TransformerGenerator()).RunGenerators(compilation).GetRunResult();
    }

    private static IEnumerable<SyntaxTree> ReadZoo()
    {
        var assembly = typeof(GeneratorBenchmark).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return CSharpSyntaxTree.ParseText(reader.ReadToEnd(), path: name);
        }
    }

    private static IEnumerable<MetadataReference> ReadReferences()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return platform.Split(Path.PathSeparator).Where(path => Path.GetDirectoryName(path) == framework)
            .Append(typeof(Gpt2Attribute).Assembly.Location).Select(static path => MetadataReference.CreateFromFile(path));
    }
}
