using GptGen.Generator.Emit;
using GptGen.Generator.Spec;
using Microsoft.CodeAnalysis;
using Xunit;

namespace GptGen.Generator.Tests;

/// <summary>An author's member that cannot stand beside a generated one is reported at its own line, for every generated member.</summary>
public class MemberClashTests
{
    private const string Specification = "GptGen.Gpt1(Layers = 1, Heads = 1, Width = 8, Context = 8, Vocabulary = 8), GptGen.ClassificationHead";

    /// <summary>Ways to declare a name; {0} is the name.</summary>
    private static readonly string[] Declarations =
    [
        "private const int {0} = 1;", "private void {0}() {{ }}", "private int {0} => 1;",
        "private event System.Action? {0} {{ add {{ }} remove {{ }} }}",
        "private void {0}(double number) {{ }}", "private enum {0};", "private delegate void {0}();", "private sealed class {0}<T>;",
        "private sealed partial class {0};", "public sealed partial class {0};", "public partial record {0};",
    ];

    /// <summary>What the generator's writer noted is what the compiler finds in the generated code.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("TiedHead = false, Biases = false, LayerNorm = LayerNormPlacement.After", "")]
    [InlineData("", "[ClassificationHead(Labels = 5)]")]
    [InlineData("", "[SimilarityHead(Labels = 1)]")]
    [InlineData("", "[MultipleChoiceHead(Choices = 4)]")]
    public void Noted_members_are_those_of_the_generated_code(string arguments, string head)
    {
        var source = GeneratorHarness.Model(arguments, head: head);
        var (compilation, _) = GeneratorHarness.Complete(source);
        var declared = MemberReader.Read(compilation.GetTypeByMetadataName("Zoo.Example")!).Select(entry => entry.Member);

        Assert.Equal(declared.Distinct().OrderBy(Text, StringComparer.Ordinal), Noted(source).OrderBy(Text, StringComparer.Ordinal));
    }

    [Fact]
    public void A_clash_is_reported_exactly_where_the_compiler_would_find_one()
    {
        var generated = GeneratorHarness.Run(Source("")).GeneratedTrees;
        var members = Noted(Source(""));
        Assert.True(members.Count > 20, "too few members to mean anything");
        var wrong = new List<string>();
        var kinds = new HashSet<MemberKind>();
        foreach (var member in members.Where(member => member.Container.Length == 0 && member.Name != DeclaredMember.Constructor))
        {
            // One member of each kind meets every declaration, the others the two commonest.
            foreach (var declaration in kinds.Add(member.Kind) ? Declarations : Declarations.Take(2))
            {
                var name = member.Name;
                var source = Source(string.Format(System.Globalization.CultureInfo.InvariantCulture, declaration, name));
                var reported = GeneratorHarness.Run(source).Diagnostics;
                if (reported.Any(diagnostic => diagnostic.Id != "GPT016"))
                    wrong.Add($"{declaration} {name}: {reported[0]}");

                // Without the check the generated files would be these.
                var compilation = GeneratorHarness.Compile(source).AddSyntaxTrees(generated);
                var clashes = compilation.GetDeclarationDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
                if (clashes == reported.IsEmpty)
                    wrong.Add($"{declaration} {name}: {(clashes ? "not reported" : "reported for nothing")}");
            }
        }

        Assert.Empty(wrong);
    }

    private static string Source(string member) => $"[{Specification}] internal sealed partial class Example {{ {member} }}";

    private static string Text(DeclaredMember member) => member.ToString();

    private static List<DeclaredMember> Noted(string source) =>
        [.. GeneratorHarness.Run(source).Results.Single().TrackedSteps[TransformerGenerator.EmitStep].SelectMany(step => step.Outputs)
            .Select(output => output.Value).OfType<GeneratedModel>().SelectMany(model => model.Files).SelectMany(file => file.Members).Distinct()];
}
