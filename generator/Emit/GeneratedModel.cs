using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>What generating one model gave: files, or what only the attempt could show.</summary>
/// <param name="Model">The specification as it was parsed.</param>
/// <param name="Files">The generated code; empty when something is wrong.</param>
/// <param name="Clashes">Where the author's names clash with the generated ones.</param>
/// <param name="Failure">What went wrong in the generator; null when nothing did.</param>
internal sealed record GeneratedModel(ModelSpec Model, EquatableArray<GeneratedFile> Files, MemberClashes Clashes, string? Failure)
{
    private static readonly EquatableArray<GeneratedFile> NoFiles = new([]);
    private static readonly MemberClashes NoClashes = new(new([]), ClassName: false);

    /// <summary>Whether there is something to report.</summary>
    public bool HasProblems => Failure is not null || Clashes.ClassName || Clashes.Members.Count > 0;

    /// <summary>Generates a model. A wrong one is tried with small sizes, so that its names are checked at once with the rest.</summary>
    /// <param name="model">The specification.</param>
    /// <param name="names">Models whose files need other names than their own.</param>
    /// <param name="generate">From a valid specification to its files.</param>
    public static GeneratedModel Create(
        ModelSpec model, IEnumerable<FileName> names, Func<ModelSpec, EquatableArray<GeneratedFile>> generate)
    {
        try
        {
            var files = generate(model.IsValid ? model with { FileName = FileName.For(model, names) } : model.Shrunk());
            var clashes = MemberClashes.Find(model, [.. files.SelectMany(file => file.Members)]);
            var isRight = model.IsValid && !clashes.ClassName && clashes.Members.Count == 0;
            return new(model, isRight ? files : NoFiles, clashes, Failure: null);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // One model's failure must not take the others with it.
            return new(model, NoFiles, NoClashes, model.IsValid ? $"{fault.GetType().Name}, {fault.Message}" : null);
        }
    }
}
