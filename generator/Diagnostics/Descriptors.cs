using Microsoft.CodeAnalysis;

namespace GptGen.Generator.Diagnostics;

/// <summary>Everything that a specification can get wrong; docs/diagnostics.md has an entry for each.</summary>
internal static class Descriptors
{
    private const string Category = "GptGen";
    private const string HelpPage = "https://github.com/gptgen/gptgen/blob/main/docs/diagnostics.md";

    /// <summary>The class '{0}' must be partial: the generator adds the model to it.</summary>
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "GPT001", "A model class must be partial", "The class '{0}' must be partial: the generator adds the model to it");

    /// <summary>The class '{0}' must not be nested in '{1}'.</summary>
    public static readonly DiagnosticDescriptor Nested = Error(
        "GPT002", "A model class must not be nested", "The class '{0}' must not be nested in '{1}': declare it in a namespace");

    /// <summary>The class '{0}' must not be generic.</summary>
    public static readonly DiagnosticDescriptor Generic = Error(
        "GPT003", "A model class must not be generic", "The class '{0}' must not be generic: a specification describes one model");

    /// <summary>The class '{0}' must not be abstract or static.</summary>
    public static readonly DiagnosticDescriptor NotInstantiable = Error(
        "GPT004", "A model class must be instantiable", "The class '{0}' must not be abstract or static: its instances hold the weights");

    /// <summary>The class '{0}' must not derive from '{1}'.</summary>
    public static readonly DiagnosticDescriptor OtherBase = Error(
        "GPT005", "A model class must have no other base", "The class '{0}' must not derive from '{1}': the generated model derives from {2}");

    /// <summary>{0} is {1}, but must be positive.</summary>
    public static readonly DiagnosticDescriptor NotPositive = Error(
        "GPT006", "A size must be positive", "{0} is {1}, but must be positive");

    /// <summary>{0} heads do not divide a width of {1}.</summary>
    public static readonly DiagnosticDescriptor HeadsDoNotDivideWidth = Error(
        "GPT007", "The heads must divide the width", "{0} heads do not divide a width of {1}: every head needs the same whole number of columns");

    /// <summary>{0} is {1}, but must be {2}.</summary>
    public static readonly DiagnosticDescriptor OutOfRange = Error(
        "GPT008", "An option is out of range", "{0} is {1}, but must be {2}");

    /// <summary>The model would have {0} parameters, more than can be addressed.</summary>
    public static readonly DiagnosticDescriptor TooLarge = Error(
        "GPT009", "The model is too large", "The model would have {0} parameters, more than can be addressed: lower its sizes");

    /// <summary>The modifiers of the class '{0}' can be corrected.</summary>
    public static readonly DiagnosticDescriptor CorrectableModifiers = new(
        "GPT100", "The modifiers of a model class can be corrected", "The modifiers of the class '{0}' can be corrected", Category,
        DiagnosticSeverity.Hidden, isEnabledByDefault: true, helpLinkUri: HelpPage + "#gpt100");

    /// <summary>The class '{0}' has several model attributes.</summary>
    public static readonly DiagnosticDescriptor SeveralFamilies = Error(
        "GPT010", "A model class must have one model attribute", "The class '{0}' has several model attributes: keep one");

    /// <summary>The class '{0}' has several task heads.</summary>
    public static readonly DiagnosticDescriptor SeveralHeads = Error(
        "GPT011", "A model class must have at most one task head", "The class '{0}' has several task heads: keep one");

    /// <summary>The class '{0}' has a task head, but no model attribute.</summary>
    public static readonly DiagnosticDescriptor HeadWithoutModel = Error(
        "GPT012", "A task head needs a model", "The class '{0}' has a task head, but no model attribute: add one, such as [Gpt1]");

    /// <summary>{0} is {1}, but must be at least {2}.</summary>
    public static readonly DiagnosticDescriptor TooFewClasses = Error(
        "GPT013", "A task head needs several classes", "{0} is {1}, but must be at least {2}: with fewer there is nothing to decide");

    /// <summary>'{0}' must be a class, not {1}.</summary>
    public static readonly DiagnosticDescriptor NotAClass = Error(
        "GPT014", "A model must be a class", "'{0}' must be a class, not {1}: the generator adds the model to a class");

    /// <summary>The class '{0}' must not be local to its file.</summary>
    public static readonly DiagnosticDescriptor FileLocal = Error(
        "GPT015", "A model class must not be local to its file",
        "The class '{0}' must not be local to its file: the generator's files could not add to it; write 'internal' in the place of 'file'");

    /// <summary>'{0}' clashes with a member that {1}.</summary>
    public static readonly DiagnosticDescriptor MemberClash = Error(
        "GPT016", "A member must not clash with the model's own", "'{0}' clashes with a member that {1}: rename it, or move it to another class");

    /// <summary>The class must not be called '{0}': {1}.</summary>
    public static readonly DiagnosticDescriptor ClassNameClash = Error(
        "GPT017", "A model class needs a name of its own", "The class must not be called '{0}': {1}");

    /// <summary>The class '{0}' must not have a primary constructor.</summary>
    public static readonly DiagnosticDescriptor PrimaryConstructor = Error(
        "GPT018", "A model class must not have a primary constructor",
        "The class '{0}' must not have a primary constructor: the generated constructor could not call it");

    /// <summary>'{0}' must not be required.</summary>
    public static readonly DiagnosticDescriptor RequiredMember = Error(
        "GPT019", "A model's members must not be required", "'{0}' must not be required: '{1}.Create' could not set it");

    /// <summary>The attribute '{0}' would make no model.</summary>
    public static readonly DiagnosticDescriptor OwnAttribute = Error(
        "GPT020", "Only the runtime's attributes specify models",
        "The attribute '{0}' must not derive from {1}: the generator knows the runtime's own attributes only, such as [Gpt2]");

    /// <summary>The class '{0}' needs C# {1} or newer.</summary>
    public static readonly DiagnosticDescriptor OldLanguage = Error(
        "GPT021", "Generated models need a newer version of C#",
        "The class '{0}' needs C# {1} or newer, not {2}: remove LangVersion from the project, or raise it");

    /// <summary>{0} takes no {1}.</summary>
    public static readonly DiagnosticDescriptor HeadOfOtherFamily = Error(
        "GPT022", "The family takes no such task head", "{0} takes no {1}: put it on a class with {2}");

    /// <summary>The generator failed on the class '{0}'.</summary>
    public static readonly DiagnosticDescriptor GeneratorFailure = Error(
        "GPT900", "The generator failed",
        "The generator failed on the class '{0}' ({1}): this is a mistake of GptGen's, please report it with the class's attributes");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: $"{HelpPage}#{id.ToLowerInvariant()}");
}
