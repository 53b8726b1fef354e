using System.Collections.Immutable;
using System.Text;
using GptGen.Generator.Architectures;
using GptGen.Generator.Emit;
using GptGen.Generator.Heads;
using GptGen.Generator.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GptGen.Generator;

/// <summary>Turns each attributed class into a model: specification, graph, gradients, memory plan, code.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TransformerGenerator : IIncrementalGenerator
{
    internal const string ParseStep = "Parse";
    internal const string ModelStep = "Model";
    internal const string EmitStep = "Emit";

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    private readonly Func<ModelSpec, EquatableArray<GeneratedFile>> generate;

    /// <summary>The generator as the compiler makes it.</summary>
    public TransformerGenerator()
        : this(ModelFiles.Generate)
    {
    }

    /// <summary>A generator that makes its files otherwise, for tests of what happens when that fails.</summary>
    internal TransformerGenerator(Func<ModelSpec, EquatableArray<GeneratedFile>> generate) => this.generate = generate;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        ReportOwnAttributes(context);
        ReportHomelessHeads(context);

        var families = Architecture.ByAttribute.Keys
            .Select(attribute => context.SyntaxProvider
                .ForAttributeWithMetadataName(attribute, static (node, _) => ClassRules.IsType(node), SpecParser.Parse)
                .WithTrackingName(ParseStep))
            .Select(parsed => (Parsed: parsed, Models: parsed.Select(static (result, _) => result.Model).WithTrackingName(ModelStep)))
            .ToArray();
        var otherNames = Names(families.Select(family => family.Models)).Select(static (names, _) => FileName.Distinguish(names));

        foreach (var (parsed, models) in families)
        {
            var generated = models.Combine(otherNames)
                .Select((pair, _) => pair.Left is null ? null : GeneratedModel.Create(pair.Left, pair.Right, generate))
                .WithTrackingName(EmitStep);

            // The source branch sees no symbols and is cached; the other one keeps real locations, so that #pragma works.
            context.RegisterSourceOutput(generated, static (output, model) =>
            {
                foreach (var file in model?.Files ?? Enumerable.Empty<GeneratedFile>())
                    output.AddSource(file.Name, SourceText.From(file.Text, Utf8));
            });
            var problems = generated.Where(static model => model is { HasProblems: true }).Collect();
            context.RegisterSourceOutput(parsed.Combine(problems), static (output, pair) =>
            {
                var (result, problems) = pair;
                var found = problems.FirstOrDefault(model => model!.Model.Equals(result.Model));
                foreach (var diagnostic in found is null ? result.Diagnostics : result.Diagnostics.Concat(result.Locate(found)))
                    output.ReportDiagnostic(diagnostic);
            });
        }
    }

    /// <summary>The names of the models that get files.</summary>
    private static IncrementalValueProvider<ImmutableArray<string>> Names(IEnumerable<IncrementalValuesProvider<ModelSpec?>> families) => families
        .Select(models => models.Where(static model => model is { IsValid: true }).Select(static (model, _) => model!.FullName).Collect())
        .Aggregate(static (some, others) => some.Combine(others).Select(static (pair, _) => pair.Left.AddRange(pair.Right)));

    private static void ReportOwnAttributes(IncrementalGeneratorInitializationContext context)
    {
        var ownAttributes = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => SpecParser.MayBeOwnAttribute(node), SpecParser.ParseOwnAttribute);
        context.RegisterSourceOutput(ownAttributes, static (output, diagnostic) =>
        {
            if (diagnostic is not null)
                output.ReportDiagnostic(diagnostic);
        });
    }

    private static void ReportHomelessHeads(IncrementalGeneratorInitializationContext context)
    {
        foreach (var attribute in HeadKind.ByAttribute.Keys)
        {
            var homeless = context.SyntaxProvider.ForAttributeWithMetadataName(
                attribute, static (node, _) => ClassRules.IsType(node), SpecParser.ParseHead);
            context.RegisterSourceOutput(homeless, static (output, diagnostics) =>
            {
                foreach (var diagnostic in diagnostics)
                    output.ReportDiagnostic(diagnostic);
            });
        }
    }
}
