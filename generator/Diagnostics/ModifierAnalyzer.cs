using System.Collections.Immutable;
using GptGen.Generator.Architectures;
using GptGen.Generator.Spec;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GptGen.Generator.Diagnostics;

/// <summary>
/// Marks, invisibly, the model classes whose modifiers an editor can correct. The generator reports the errors themselves, since an analyzer's
/// are lost when other declarations do not compile; but editors offer code fixes only for what analyzers report.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ModifierAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of a mark that holds the error's identifier.</summary>
    internal const string ErrorProperty = "Error";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Descriptors.CorrectableModifiers];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(Mark, SymbolKind.NamedType);
    }

    private static void Mark(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        foreach (var attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is not { } attributeClass || !Architecture.ByAttribute.ContainsKey(attributeClass.ToDisplayString()))
                continue;
            if (attribute.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken)
                .FirstAncestorOrSelf<ClassDeclarationSyntax>() is not { } declaration)
                continue;
            foreach (var problem in ClassRules.Problems(type, declaration))
            {
                if (problem.Descriptor != Descriptors.NotPartial && problem.Descriptor != Descriptors.NotInstantiable)
                    continue;
                var properties = ImmutableDictionary<string, string?>.Empty.Add(ErrorProperty, problem.Descriptor.Id);
                context.ReportDiagnostic(
                    Diagnostic.Create(Descriptors.CorrectableModifiers, declaration.Identifier.GetLocation(), properties, type.Name));
            }
        }
    }
}
