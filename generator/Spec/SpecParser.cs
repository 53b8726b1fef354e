using GptGen.Generator.Architectures;
using GptGen.Generator.Diagnostics;
using GptGen.Generator.Heads;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GptGen.Generator.Spec;

/// <summary>Reads a specification from its attribute: from here on nothing sees symbols.</summary>
internal static class SpecParser
{
    /// <summary>
    /// Names that mean something in places where generated code has the class's name, though they are keywords in other places only.
    /// </summary>
    private static readonly HashSet<string> NamesToEscape = new(StringComparer.Ordinal)
    {
        "dynamic", "nint", "nuint", "extension", "field", "notnull", "_",
    };

    public static ParsedSpec Parse(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var declaration = context.TargetNode;
        var className = ClassRules.NameOf(declaration);
        var families = AttributesOf(type, Architecture.ByAttribute.ContainsKey);
        var heads = AttributesOf(type, HeadKind.ByAttribute.ContainsKey);

        // A class of several model attributes is parsed once for each; the first speaks for all, and none generates.
        var attribute = families[0];
        if (!IsOn(declaration, attribute, context.Attributes, cancellation))
            return new(null, [], className, []);

        var members = MemberReader.Read(type).ToArray();
        var problems = ClassRules.Problems(type, declaration).Select(problem => Report(problem, attribute, declaration, cancellation)).ToList();
        problems.AddRange(ClassRules.MemberProblems(type, members, context.SemanticModel.Compilation, cancellation));
        var model = ParseModel(type, attribute, heads, new([.. members.Select(member => member.Member)]));
        problems.AddRange(SpecValidator.Problems(model).Select(problem => Report(problem, attribute, declaration, cancellation)));
        if (model.Head is { } head)
            problems.AddRange(SpecValidator.Problems(head, model.Attribute).Select(problem => Report(problem, heads[0], declaration, cancellation)));
        problems.AddRange(
            families.Skip(1).Select(family => Report(new(Descriptors.SeveralFamilies, "", type.Name), family, declaration, cancellation)));
        problems.AddRange(heads.Skip(1).Select(other => Report(new(Descriptors.SeveralHeads, "", type.Name), other, declaration, cancellation)));
        return new(
            model with { IsValid = problems.Count == 0 && type.Name.Length > 0 }, problems, className, [.. members.Select(
                member => member.Symbol.Locations[0])]);
    }

    /// <summary>What is wrong with a task head that has no model: that, and whatever else is.</summary>
    public static IEnumerable<Diagnostic> ParseHead(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        if (AttributesOf(type, Architecture.ByAttribute.ContainsKey).Length > 0)
            return [];
        SpecProblem homeless = new(Descriptors.HeadWithoutModel, "", type.Name);
        return SpecValidator.Problems(ParseHead(attribute)).Prepend(homeless)
            .Select(problem => Report(problem, attribute, context.TargetNode, cancellation)).ToArray();
    }

    /// <summary>A class that derives from the attributes' bases, which makes no model; null for any other.</summary>
    public static Diagnostic? ParseOwnAttribute(GeneratorSyntaxContext context, CancellationToken cancellation) =>
        context.SemanticModel.GetDeclaredSymbol((ClassDeclarationSyntax)context.Node, cancellation) is { BaseType: { } other } type
        && other.ToDisplayString() is var name && (Architecture.AttributeBases.Contains(name) || name == HeadKind.AttributeBase)
            ? Diagnostic.Create(Descriptors.OwnAttribute, ClassRules.NameOf(context.Node), type.Name, other.Name)
            : null;

    /// <summary>Whether a declaration may derive from the attributes' bases, by its syntax alone.</summary>
    public static bool MayBeOwnAttribute(SyntaxNode node) => node is ClassDeclarationSyntax { BaseList: { } bases }
        && bases.Types[0].Type is var first
        && (first is QualifiedNameSyntax qualified ? qualified.Right : first) is IdentifierNameSyntax { Identifier.ValueText: var name }
        && Architecture.AttributeBases.Append(HeadKind.AttributeBase).Any(known => known.EndsWith("." + name, StringComparison.Ordinal));

    private static ModelSpec ParseModel(INamedTypeSymbol type, AttributeData attribute, AttributeData[] heads, EquatableArray<DeclaredMember> members)
    {
        T Get<T>(string name, T otherwise) => ValueOf(attribute, name, otherwise);
        bool IsGiven(string name) => attribute.NamedArguments.Any(argument => argument.Key == name);

        var family = attribute.AttributeClass!.ToDisplayString();
        var architecture = Architecture.ByAttribute[family];
        var defaults = architecture.Defaults;
        var width = Get("Width", defaults.Width);
        var hiddenWidth = Get(architecture.HiddenName, defaults.HiddenWidth);
        return new()
        {
            Namespace = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            Name = NeedsEscape(type.Name) ? "@" + type.Name : type.Name,
            Attribute = family,
            Layers = Get("Layers", defaults.Layers),
            Heads = Get("Heads", defaults.Heads),
            Width = width,
            Context = Get("Context", defaults.Context),
            Vocabulary = Get("Vocabulary", defaults.Vocabulary),
            HiddenWidth = hiddenWidth == 0 && defaults.HiddenWidth == 0 ? FourTimes(width) : hiddenWidth,
            Epsilon = Get("Epsilon", defaults.Epsilon),
            Dropout = Get("Dropout", defaults.Dropout),
            TiedHead = Get("TiedHead", true),
            Biases = Get("Biases", true),
            Activation = (ActivationKind)Get("Activation", (int)defaults.Activation),
            LayerNorm = (NormPlacement)Get("LayerNorm", (int)defaults.LayerNorm),
            Recompute = (RecomputationKind)Get("Recompute", 0),
            InitialDeviation = Get("InitialDeviation", 0.02f),
            Options = new(
            [
                .. architecture.Options.Where(IsGiven).SelectMany(name => OptionValues(attribute, name).Select(value => (name, value))),
            ]),
            Numbers = new([.. architecture.Numbers.Where(IsGiven).Select(name => (name, Get(name, 0f)))]),
            Head = heads.Length == 0 ? null : ParseHead(heads[0]),
            Members = members,
            IsMarkedAsGenerated = AttributesOf(type, name => name == "System.CodeDom.Compiler.GeneratedCodeAttribute").Length > 0,
            IsValid = true,
        };
    }

    private static HeadSpec ParseHead(AttributeData attribute)
    {
        var name = attribute.AttributeClass!.ToDisplayString();
        var kind = HeadKind.ByAttribute[name];
        return new(
            name, kind.CountName is { } count ? ValueOf(attribute, count, kind.DefaultCount) : kind.DefaultCount,
            ValueOf(attribute, nameof(HeadSpec.LanguageModelWeight), default(float?)));
    }

    private static AttributeData[] AttributesOf(INamedTypeSymbol type, Func<string, bool> isWanted) =>
        [.. type.GetAttributes().Where(attribute => attribute.AttributeClass is { } attributeClass && isWanted(attributeClass.ToDisplayString()))];

    /// <summary>Whether an attribute is one of those found on a declaration, and not on another part of its class.</summary>
    private static bool IsOn(SyntaxNode declaration, AttributeData attribute, IReadOnlyList<AttributeData> found, CancellationToken cancellation) =>
        found.Contains(attribute) && attribute.ApplicationSyntaxReference?.GetSyntax(cancellation).Ancestors().Contains(declaration) is true;

    private static T ValueOf<T>(AttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value is { Kind: not TypedConstantKind.Error, Value: T given }
            ? given
            : otherwise;

    /// <summary>A whole number, true or false as 1 and 0, or a list's numbers.</summary>
    private static IEnumerable<int> OptionValues(AttributeData attribute, string name) =>
        attribute.NamedArguments.First(argument => argument.Key == name).Value is { Kind: TypedConstantKind.Array, IsNull: false } list
            ? list.Values.Select(value => value.Value).OfType<int>()
            : [ValueOf(attribute, name, ValueOf(attribute, name, false) ? 1 : 0)];

    private static bool NeedsEscape(string name) => SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None
        || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None || NamesToEscape.Contains(name);

    /// <summary>Saturates, so that a width which is far too large is reported as that.</summary>
    private static int FourTimes(int width) => (int)Math.Max(int.MinValue, Math.Min(4L * width, int.MaxValue));

    private static Diagnostic Report(SpecProblem problem, AttributeData attribute, SyntaxNode declaration, CancellationToken cancellation) =>
        Diagnostic.Create(problem.Descriptor, Locate(problem, attribute, declaration, cancellation), problem.Arguments);

    /// <summary>The argument's expression where there is one, otherwise the attribute, or the class's name for problems of the class.</summary>
    private static Location Locate(SpecProblem problem, AttributeData attribute, SyntaxNode declaration, CancellationToken cancellation)
    {
        if (problem.Argument is not { } argument || attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) is not AttributeSyntax syntax)
            return ClassRules.NameOf(declaration);
        var given = problem.Otherwise.Prepend(argument)
            .Select(name => syntax.ArgumentList?.Arguments.FirstOrDefault(other => other.NameEquals?.Name.Identifier.ValueText == name))
            .FirstOrDefault(found => found is not null);
        return given is null ? syntax.GetLocation() : given.Expression.GetLocation();
    }
}
