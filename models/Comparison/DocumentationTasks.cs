using GptGen.Finetuning;
using GptGen.RandomNumbers;
using GptGen.Translation;

namespace GptGen.Models.Comparison;

/// <summary>
/// Four tasks on the class library's documentation. Types are split into training, validation and test; no sentence of the last two occurs in the
/// training text. Wrong names are the right ones of other members, each as often as the rest, so that a word alone tells nothing.
/// </summary>
internal sealed class DocumentationTasks
{
    private const int Namespaces = 12;
    private const int Choices = 4;

    private readonly List<DocumentedMember>[] parts;

    internal DocumentationTasks(IEnumerable<DocumentedMember> members)
    {
        // Of a hundred types 80 train, 8 validate and 12 test.
        var byPart = members.ToLookup(static member => (int)(Hash(member.Type) % 100) switch { < 80 => 0, < 88 => 1, _ => 2 });
        var known = byPart[0].Select(static member => member.Summary).ToHashSet();
        parts = [
            [.. byPart[0]], [.. byPart[1].Where(member => !known.Contains(member.Summary))],
            [.. byPart[2].Where(member => !known.Contains(member.Summary))]];
    }

    /// <summary>The training types' text without labels: each member's summary and then its name, as a page of documentation has both.</summary>
    internal string PretrainingText => TextOf(parts[0]);

    /// <summary>The same of the other types, of which training sees nothing.</summary>
    internal string HeldOutText => TextOf(parts[1].Concat(parts[2]));

    /// <summary>The four tasks.</summary>
    internal IReadOnlyList<TaskSet> All => [Entailment, Choice, Classification, Similarity];

    /// <summary>The training types' summaries, and for each the name as the tasks have it.</summary>
    internal IReadOnlyList<TextPair> Pairs =>
        [.. parts[0].DistinctBy(Content).Select(static member => new TextPair(member.Summary, Hypothesis(member)))];

    /// <summary>Does a name belong to a summary?</summary>
    internal TaskSet Entailment => Make(TaskKind.Entailment, [5000, 800, 1600], static members =>
        members.Zip(Shifted(members, 1)).Where(static pair => pair.First.Name != pair.Second.Name).SelectMany(static pair => new TaskExample[]
        {
            new([pair.First.Summary, Hypothesis(pair.First)], "yes"),
            new([pair.First.Summary, Hypothesis(pair.Second)], "no"),
        }));

    /// <summary>Which of four names belongs to a summary?</summary>
    internal TaskSet Choice => Make(TaskKind.MultipleChoice, [2500, 400, 1200], static members =>
    {
        var others = Enumerable.Range(1, Choices - 1).Select(shift => Shifted(members, shift).ToList()).ToList();
        return members.Select((member, i) =>
        {
            var names = others.ConvertAll(other => Hypothesis(other[i]));
            names.Insert(i % Choices, Hypothesis(member));
            return new TaskExample([member.Summary, .. names], $"{i % Choices}");
        }).Where(static example => example.Texts.Distinct().Count() == example.Texts.Count);
    });

    /// <summary>From which of the twelve largest namespaces does a summary come?</summary>
    internal TaskSet Classification
    {
        get
        {
            var largest = parts[0].GroupBy(static member => member.Namespace).OrderByDescending(static group => group.Count()).Take(Namespaces)
                .Select(static group => group.Key).ToHashSet();
            return Make(TaskKind.Classification, [4000, 600, 1200], members =>
                members.Where(member => largest.Contains(member.Namespace))
                    .Select(static member => new TaskExample([member.Summary], member.Namespace)));
        }
    }

    /// <summary>Are two summaries of one overloaded member, or of two members of one type?</summary>
    internal TaskSet Similarity => Make(TaskKind.Similarity, [1600, 300, 600], static members => members.GroupBy(static member => member.Type)
        .SelectMany(static type =>
        type.GroupBy(static member => member.Name).Where(static overloads => overloads.Count() > 1).SelectMany(overloads =>
        {
            var (first, second) = (overloads.First(), overloads.Skip(1).First());
            var other = type.OrderBy(member => Hash(member.Summary)).FirstOrDefault(member => member.Name != first.Name);
            return other is null
                ? Enumerable.Empty<TaskExample>()
                : [new([first.Summary, second.Summary], "yes"), new([first.Summary, other.Summary], "no")];
        })));

    // Each type is a document of its own.
    private static string TextOf(IEnumerable<DocumentedMember> members) =>
        string.Join('\n', members.DistinctBy(Content).GroupBy(static member => member.Type).OrderBy(static type => Hash(type.Key))
            .Select(static type => string.Concat(type.Select(static member => $"{member.Summary} {Hypothesis(member)}\n"))));

    // Many types have the same members: each kind counts once.
    private static (string Summary, string Name) Content(DocumentedMember member) => (member.Summary, member.Name);

    // In a sentence a name's first word has the space before it that it has in summaries, and so the same token.
    private static string Hypothesis(DocumentedMember member) => $"this is {member.Name}.";

    private TaskSet Make(TaskKind kind, int[] most, Func<List<DocumentedMember>, IEnumerable<TaskExample>> make)
    {
        var sets = parts.Select(
            (part, i) =>
                make([.. part.DistinctBy(Content).OrderBy(static member => Hash(member.Summary + member.Name))]).Take(most[i]).ToList()).ToList();
        return new(kind, sets[0], sets[1], sets[2]);
    }

    /// <summary>For each member another one; each serves once.</summary>
    private static IEnumerable<DocumentedMember> Shifted(List<DocumentedMember> members, int shift) =>
        members.Skip(shift).Concat(members.Take(shift));

    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var character in text)
            hash = (hash ^ character) * 16777619;
        // The low bits of FNV alone are not mixed well.
        return RandomStream.Batches(hash, 0, 0).Word(0);
    }
}
