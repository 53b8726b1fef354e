using GptGen.Generator.Architectures;
using GptGen.Generator.Emit;
using GptGen.Generator.Heads;
using GptGen.Generator.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GptGen.Generator;

/// <summary>Turns each attributed class into a model: specification, graph, gradients, memory plan, code.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TransformerGenerator : IIncrementalGenerator
{
    internal const string ParseStep = "Parse";
    internal const string ModelStep = "Model";
    internal const string EmitStep = "Emit";

    private static readonly System.Text.Encoding Utf8 = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        foreach (var attribute in TaskHead.ByAttribute.Keys)
        {
            var homeless = context.SyntaxProvider.ForAttributeWithMetadataName(attribute, static (node, _) => node is ClassDeclarationSyntax, SpecParser.ParseHead);
            context.RegisterSourceOutput(homeless, static (output, diagnostic) =>
            {
                if (diagnostic is not null)
                    output.ReportDiagnostic(diagnostic);
            });
        }

        foreach (var attribute in Architecture.ByAttribute.Keys)
        {
            var parsed = context.SyntaxProvider
                .ForAttributeWithMetadataName(attribute, static (node, _) => node is ClassDeclarationSyntax, SpecParser.Parse)
                .WithTrackingName(ParseStep);
            var files = parsed
                .Select(static (result, _) => result.Model)
                .WithTrackingName(ModelStep)
                .Select(static (model, _) => model is null ? null : ModelFiles.Generate(model))
                .WithTrackingName(EmitStep);

            // The source branch sees no symbols and is cached; the other one keeps real locations, so that #pragma works.
            context.RegisterSourceOutput(files, static (output, generated) =>
            {
                if (generated is null)
                    return;
                foreach (var file in generated)
                    output.AddSource(file.Name, SourceText.From(file.Text, Utf8));
            });
            context.RegisterSourceOutput(parsed, static (output, result) =>
            {
                foreach (var diagnostic in result.Diagnostics)
                    output.ReportDiagnostic(diagnostic);
            });
        }
    }
}
