using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GptGen.Generator.Spec;

/// <summary>Reads the members that source declares in a class and in its nested partial classes.</summary>
internal static class MemberReader
{
    /// <summary>Every member that can clash with another, beside its symbol; primary constructors, which are no members of their own, not.</summary>
    public static IEnumerable<(DeclaredMember Member, ISymbol Symbol)> Read(INamedTypeSymbol type, string container = "")
    {
        foreach (var symbol in type.GetMembers())
        {
            if (symbol.IsImplicitlyDeclared || Describe(symbol, container) is not { } member)
                continue;
            yield return (member, symbol);
            if (member.Kind != MemberKind.PartialClass || container.Length > 0)
                continue;
            foreach (var nested in Read((INamedTypeSymbol)symbol, symbol.Name))
                yield return nested;
        }
    }

    /// <summary>The class's parameter list where it has a primary constructor, in whichever part.</summary>
    public static ParameterListSyntax? PrimaryParameters(INamedTypeSymbol type, CancellationToken cancellation) => type.DeclaringSyntaxReferences
        .Select(part => (part.GetSyntax(cancellation) as TypeDeclarationSyntax)?.ParameterList).FirstOrDefault(parameters => parameters is not null);

    /// <summary>Whether creating an instance must set this member.</summary>
    public static bool IsRequired(ISymbol symbol) => symbol is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    private static DeclaredMember? Describe(ISymbol symbol, string container) => symbol switch
    {
        IMethodSymbol { MethodKind: MethodKind.Constructor } constructor =>
            IsPrimary(constructor) ? null : new(container, DeclaredMember.Constructor, MemberKind.Method, 0, Parameters(constructor)),
        IMethodSymbol { MethodKind: MethodKind.Ordinary } method => new(container, method.Name, MemberKind.Method, method.Arity, Parameters(method)),
        IMethodSymbol => null,
        INamedTypeSymbol type => new(container, type.Name, IsOpenPart(type) ? MemberKind.PartialClass : MemberKind.Type, type.Arity, ""),
        _ => new(container, symbol.Name, MemberKind.Other, 0, ""),
    };

    private static string Parameters(IMethodSymbol method) => string.Join(", ", method.Parameters.Select(parameter =>
        (parameter.RefKind == RefKind.None ? "" : "ref ") + parameter.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)));

    private static bool IsPrimary(IMethodSymbol constructor) =>
        constructor.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is TypeDeclarationSyntax);

    /// <summary>Whether every part of a nested type lets another part, a public sealed class with a base and a constructor, join it.</summary>
    private static bool IsOpenPart(INamedTypeSymbol type) => HasOpenBase(type) && type.DeclaringSyntaxReferences.All(reference =>
        reference.GetSyntax() is ClassDeclarationSyntax { ParameterList: null, Modifiers: var modifiers } && modifiers.Any(SyntaxKind.PartialKeyword)
        && modifiers.All(
            modifier =>
                modifier.Kind() is SyntaxKind.PartialKeyword or SyntaxKind.PublicKeyword or SyntaxKind.SealedKeyword or SyntaxKind.UnsafeKeyword));

    private static bool HasOpenBase(INamedTypeSymbol type) =>
        type.BaseType is { SpecialType: SpecialType.System_Object }
            or { ContainingNamespace: { Name: "GptGen", ContainingNamespace.IsGlobalNamespace: true } };
}
