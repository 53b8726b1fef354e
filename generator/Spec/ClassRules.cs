using GptGen.Generator.Architectures;
using GptGen.Generator.Diagnostics;
using GptGen.Generator.Heads;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GptGen.Generator.Spec;

/// <summary>What a model's class must be, whatever its attribute says.</summary>
internal static class ClassRules
{
    /// <summary>The first version of C# that the generated code compiles with.</summary>
    private const LanguageVersion OldestLanguage = LanguageVersion.CSharp12;

    /// <summary>Names as metadata has them: qualified, without any @ or type parameters.</summary>
    private static readonly SymbolDisplayFormat MetadataName = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>
    /// Whether an attribute may stand on this declaration at all: the compiler takes it on a class, and what is meant can be said on the others.
    /// </summary>
    public static bool IsType(SyntaxNode node) => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax;

    /// <summary>The declared type's name.</summary>
    public static Location NameOf(SyntaxNode declaration) =>
        (declaration is DelegateDeclarationSyntax other ? other.Identifier : ((BaseTypeDeclarationSyntax)declaration).Identifier).GetLocation();

    /// <summary>What is wrong with the class itself.</summary>
    public static IEnumerable<SpecProblem> Problems(INamedTypeSymbol type, SyntaxNode declaration)
    {
        if (KindOf(type) is { } kind)
            yield return new(Descriptors.NotAClass, null, type.Name, kind);
        if (declaration is TypeDeclarationSyntax { Modifiers: var modifiers } && !modifiers.Any(SyntaxKind.PartialKeyword))
            yield return new(Descriptors.NotPartial, null, type.Name);
        if (type.ContainingType is not null)
            yield return new(Descriptors.Nested, null, type.Name, type.ContainingType.Name);
        if (type.Arity > 0)
            yield return new(Descriptors.Generic, null, type.Name);
        if (type.IsFileLocal)
            yield return new(Descriptors.FileLocal, null, type.Name);
        if (declaration.SyntaxTree.Options is CSharpParseOptions { LanguageVersion: < OldestLanguage and var version })
            yield return new(Descriptors.OldLanguage, null, type.Name, OldestLanguage.ToDisplayString(), version.ToDisplayString());
        if (type.TypeKind != TypeKind.Class)
            yield break;
        if (type.IsAbstract || type.IsStatic)
            yield return new(Descriptors.NotInstantiable, null, type.Name);
        var ownBase = BaseOf(type);
        if (type.BaseType is { SpecialType: not SpecialType.System_Object } other && other.ToDisplayString() != "GptGen." + ownBase)
            yield return new(Descriptors.OtherBase, null, type.Name, other.Name, ownBase);
    }

    /// <summary>What is wrong with the members, apart from those that clash with generated ones, each where it is declared.</summary>
    public static IEnumerable<Diagnostic> MemberProblems(
        INamedTypeSymbol type, IReadOnlyList<(DeclaredMember Member, ISymbol Symbol)> members, Compilation compilation,
        CancellationToken cancellation)
    {
        if (type.TypeKind != TypeKind.Class || type.IsRecord)
            yield break;
        if (MemberReader.PrimaryParameters(type, cancellation) is { } parameters)
            yield return Diagnostic.Create(Descriptors.PrimaryConstructor, parameters.GetLocation(), type.Name);
        if (type.ContainingType is null
            && compilation.GetTypesByMetadataName(type.ToDisplayString(MetadataName)).Any(other => IsForeign(other, type)))
        {
            yield return Diagnostic.Create(
                Descriptors.ClassNameClash, type.Locations[0], type.Name, $"a type of another assembly is {type.ToDisplayString()} already");
        }

        var inherited = Properties(compilation.GetTypeByMetadataName("GptGen." + BaseOf(type)));
        foreach (var (member, symbol) in members)
        {
            if (MemberReader.IsRequired(symbol))
                yield return Diagnostic.Create(Descriptors.RequiredMember, symbol.Locations[0], member.Describe(type.Name), type.Name);
            if (member.Container.Length == 0 && inherited.TryGetValue(member.Name, out var owner))
                yield return Diagnostic.Create(Descriptors.MemberClash, symbol.Locations[0], member.Name, $"'{type.Name}' inherits from {owner}");
        }
    }

    private static bool IsForeign(INamedTypeSymbol other, INamedTypeSymbol type) =>
        other.DeclaredAccessibility == Accessibility.Public && !SymbolEqualityComparer.Default.Equals(
            other.ContainingAssembly, type.ContainingAssembly);

    /// <summary>What the generated class derives from.</summary>
    private static string BaseOf(INamedTypeSymbol type)
    {
        var attributes = type.GetAttributes().Select(attribute => attribute.AttributeClass?.ToDisplayString()).OfType<string>().ToArray();
        return Architecture.ByAttribute[attributes.First(Architecture.ByAttribute.ContainsKey)]
            .Bases(attributes.Any(HeadKind.ByAttribute.ContainsKey)).Class;
    }

    /// <summary>A type's properties and those that it inherits, by name, with the type that has them: generated code reads them.</summary>
    private static Dictionary<string, string> Properties(INamedTypeSymbol? type)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        for (; type is not null; type = type.BaseType)
        {
            foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
                properties[property.Name] = type.Name;
        }

        return properties;
    }

    private static string? KindOf(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Struct, IsRecord: true } => "a record struct",
        { IsRecord: true } => "a record",
        { TypeKind: TypeKind.Class } => null,
        { TypeKind: TypeKind.Struct } => "a struct",
        { TypeKind: TypeKind.Interface } => "an interface",
        { TypeKind: TypeKind.Enum } => "an enumeration",
        _ => "a delegate",
    };
}
