using GptGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GptGen.Generator.Spec;

/// <summary>Reads a specification from its attribute: the only file that sees symbols.</summary>
internal static class SpecParser
{
    public static ParsedSpec Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var declaration = (ClassDeclarationSyntax)context.TargetNode;
        var attribute = context.Attributes[0];
        var values = attribute.NamedArguments.ToDictionary(argument => argument.Key, argument => argument.Value.Value, StringComparer.Ordinal);

        T Get<T>(string name, T otherwise) => values.TryGetValue(name, out var value) && value is T given ? given : otherwise;

        var width = Get("Width", 768);
        var hiddenWidth = Get("HiddenWidth", 0);
        var model = new ModelSpec
        {
            Namespace = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            Name = SyntaxFacts.GetKeywordKind(type.Name) == SyntaxKind.None ? type.Name : "@" + type.Name,
            Attribute = attribute.AttributeClass!.ToDisplayString(),
            Layers = Get("Layers", 12),
            Heads = Get("Heads", 12),
            Width = width,
            Context = Get("Context", 1024),
            Vocabulary = Get("Vocabulary", 50257),
            HiddenWidth = hiddenWidth == 0 ? FourTimes(width) : hiddenWidth,
            Epsilon = Get("Epsilon", 1e-5f),
            Dropout = Get("Dropout", 0f),
            TiedHead = Get("TiedHead", true),
            Biases = Get("Biases", true),
            Activation = (ActivationKind)Get("Activation", 0),
            LayerNorm = (NormPlacement)Get("LayerNorm", 0),
            InitialDeviation = Get("InitialDeviation", 0.02f),
        };

        var problems = ClassProblems(type, declaration).Concat(SpecValidator.Problems(model));
        var diagnostics = problems.Select(problem => Diagnostic.Create(
            problem.Descriptor, Locate(problem.Argument, attribute, declaration, cancellation), problem.Arguments)).ToArray();
        return new(diagnostics.Length == 0 ? model : null, diagnostics);
    }

    /// <summary>Saturates, so that a width which is far too large is reported as that.</summary>
    private static int FourTimes(int width) => (int)Math.Max(int.MinValue, Math.Min(4L * width, int.MaxValue));

    /// <summary>What is wrong with the class itself, whatever its attribute says.</summary>
    public static IEnumerable<SpecProblem> ClassProblems(INamedTypeSymbol type, ClassDeclarationSyntax declaration)
    {
        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
            yield return new(Descriptors.NotPartial, null, type.Name);
        if (type.ContainingType is not null)
            yield return new(Descriptors.Nested, null, type.Name, type.ContainingType.Name);
        if (type.IsGenericType)
            yield return new(Descriptors.Generic, null, type.Name);
        if (type.IsAbstract || type.IsStatic)
            yield return new(Descriptors.NotInstantiable, null, type.Name);
        if (type.BaseType is { SpecialType: not SpecialType.System_Object } other && other.ToDisplayString() != "GptGen.LanguageModel")
            yield return new(Descriptors.OtherBase, null, type.Name, other.Name);
    }

    /// <summary>The argument's expression where there is one, otherwise the attribute, or the class's name for problems of the class.</summary>
    private static Location Locate(string? argument, AttributeData attribute, ClassDeclarationSyntax declaration, CancellationToken cancellation)
    {
        if (argument is null || attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) is not AttributeSyntax syntax)
            return declaration.Identifier.GetLocation();
        var given = syntax.ArgumentList?.Arguments.FirstOrDefault(other => other.NameEquals?.Name.Identifier.ValueText == argument);
        return given is null ? syntax.GetLocation() : given.Expression.GetLocation();
    }
}
