using System.Runtime.CompilerServices;
using GptGen.Generator.Tests.Verify;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>The generated code itself, so that a change of the generator shows what it changes.</summary>
public class SnapshotTests
{
    private const string Tiny = "Layers = 2, Heads = 2, Width = 32, Context = 64, Vocabulary = 257";

    [Fact]
    public Task Small() => VerifyFiles("", "", []);

    /// <summary>The other sizes differ from the small one in numbers only: the class and the parameters show them all.</summary>
    [Theory]
    [InlineData("Medium", "Layers = 24, Heads = 16, Width = 1024")]
    [InlineData("Large", "Layers = 36, Heads = 20, Width = 1280")]
    [InlineData("XL", "Layers = 48, Heads = 25, Width = 1600")]
    [InlineData("Nano", "Layers = 4, Heads = 4, Width = 128, Context = 64, Vocabulary = 256, Biases = false")]
    public Task Size(string name, string arguments) => VerifyFiles(name, arguments, ["Model", "Parameters"]);

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
    public Task Option(string name, string argument) => VerifyFiles(name, $"{Tiny}, {argument}", []);

    /// <summary>The files joined, each under its name; only the given concerns where there are any.</summary>
    private static Task VerifyFiles(string name, string arguments, string[] concerns, [CallerMemberName] string method = "")
    {
        var files = GeneratorHarness.Files(GeneratorHarness.Model(arguments))
            .Where(file => concerns.Length == 0 || concerns.Any(concern => file.Key.EndsWith($".{concern}.g.cs", StringComparison.Ordinal)))
            .OrderBy(file => file.Key, StringComparer.Ordinal)
            .Select(file => $"// ==== {file.Key}\n{file.Value}");
        return Verifier.Verify(string.Concat(files), name, method: method);
    }
}
