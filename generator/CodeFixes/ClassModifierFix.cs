using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GptGen.CodeFixes;

/// <summary>
/// Offers to correct the modifiers of a model class: adds <c>partial</c> (GPT001), removes <c>abstract</c> and <c>static</c> (GPT004). It
/// acts on GPT100, which the generator's analyzer puts on such a class.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ClassModifierFix))]
[Shared]
public sealed class ClassModifierFix : CodeFixProvider
{
    private const string Mark = "GPT100";
    private const string ErrorProperty = "Error";
    private const string NotPartial = "GPT001";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [Mark];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root?.FindToken(diagnostic.Location.SourceSpan.Start).Parent?.FirstAncestorOrSelf<ClassDeclarationSyntax>() is not { } declaration)
                continue;
            var error = diagnostic.Properties[ErrorProperty];
            var (title, change) = error == NotPartial
                ? ("Make the model class partial", (Func<DeclarationModifiers, DeclarationModifiers>)(modifiers => modifiers.WithPartial(true)))
                : ("Make the model class instantiable", modifiers => modifiers.WithIsAbstract(false).WithIsStatic(false));
            context.RegisterCodeFix(
                CodeAction.Create(title, cancellation => Change(context.Document, declaration, change, cancellation), error), diagnostic);
        }
    }

    private static async Task<Document> Change(
        Document document, ClassDeclarationSyntax declaration, Func<DeclarationModifiers, DeclarationModifiers> change,
        CancellationToken cancellation)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellation).ConfigureAwait(false);
        editor.SetModifiers(declaration, change(editor.Generator.GetModifiers(declaration)));
        return editor.GetChangedDocument();
    }
}
