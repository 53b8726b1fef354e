using GptGen.Generator.Architectures;
using GptGen.Generator.Diagnostics;
using GptGen.Generator.Heads;
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
        var families = AttributesOf(type, Architecture.ByAttribute.ContainsKey);
        var heads = AttributesOf(type, TaskHead.ByAttribute.ContainsKey);

        T Get<T>(string name, T otherwise) => ValueOf(attribute, name, otherwise);

        var family = attribute.AttributeClass!.ToDisplayString();
        var defaults = Architecture.ByAttribute[family].Defaults;
        var width = Get("Width", 768);
        var hiddenWidth = Get("HiddenWidth", 0);
        var model = new ModelSpec
        {
            Namespace = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            Name = SyntaxFacts.GetKeywordKind(type.Name) == SyntaxKind.None ? type.Name : "@" + type.Name,
            Attribute = family,
            Layers = Get("Layers", 12),
            Heads = Get("Heads", 12),
            Width = width,
            Context = Get("Context", defaults.Context),
            Vocabulary = Get("Vocabulary", defaults.Vocabulary),
            HiddenWidth = hiddenWidth == 0 ? FourTimes(width) : hiddenWidth,
            Epsilon = Get("Epsilon", 1e-5f),
            Dropout = Get("Dropout", defaults.Dropout),
            TiedHead = Get("TiedHead", true),
            Biases = Get("Biases", true),
            Activation = (ActivationKind)Get("Activation", 0),
            LayerNorm = (NormPlacement)Get("LayerNorm", (int)defaults.LayerNorm),
            InitialDeviation = Get("InitialDeviation", 0.02f),
            Head = heads.Length == 0 ? null : ParseHead(heads[0]),
        };

        Diagnostic Report(SpecProblem problem, AttributeData at) =>
            Diagnostic.Create(problem.Descriptor, Locate(problem.Argument, at, declaration, cancellation), problem.Arguments);

        var problems = ClassProblems(type, declaration).Concat(SpecValidator.Problems(model)).Select(problem => Report(problem, attribute)).ToList();
        if (model.Head is not null)
            problems.AddRange(SpecValidator.Problems(model.Head).Select(problem => Report(problem, heads[0])));
        problems.AddRange(heads.Skip(1).Select(head => Report(new(Descriptors.SeveralHeads, "", type.Name), head)));

        // A class of two families is parsed once for each: the first stays silent, and neither generates.
        var isLater = families[0].AttributeClass!.ToDisplayString() != family;
        if (isLater)
            problems = [Report(new(Descriptors.SeveralFamilies, "", type.Name), attribute)];
        return new(problems.Count == 0 && families.Length == 1 ? model : null, problems);
    }

    /// <summary>What is wrong with a task head apart from its model: that there is none.</summary>
    public static Diagnostic? ParseHead(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        return AttributesOf(type, Architecture.ByAttribute.ContainsKey).Length > 0
            ? null
            : Diagnostic.Create(
                Descriptors.HeadWithoutModel, Locate("", context.Attributes[0], (ClassDeclarationSyntax)context.TargetNode, cancellation), type.Name);
    }

    private static HeadSpec ParseHead(AttributeData attribute)
    {
        var name = attribute.AttributeClass!.ToDisplayString();
        var kind = TaskHead.ByAttribute[name];
        return new(
            name, ValueOf(attribute, kind.CountName, kind.DefaultCount),
            ValueOf(attribute, nameof(HeadSpec.LanguageModelWeight), TaskHead.DefaultLanguageModelWeight));
    }

    private static AttributeData[] AttributesOf(INamedTypeSymbol type, Func<string, bool> isWanted) =>
        [.. type.GetAttributes().Where(attribute => attribute.AttributeClass is { } attributeClass && isWanted(attributeClass.ToDisplayString()))];

    private static T ValueOf<T>(AttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value is { Kind: not TypedConstantKind.Error, Value: T given } ? given : otherwise;

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
        var ownBase = AttributesOf(type, TaskHead.ByAttribute.ContainsKey).Length > 0 ? "TaskModel" : "LanguageModel";
        if (type.BaseType is { SpecialType: not SpecialType.System_Object } other && other.ToDisplayString() != "GptGen." + ownBase)
            yield return new(Descriptors.OtherBase, null, type.Name, other.Name, ownBase);
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
