namespace GptGen.Models.Comparison;

/// <summary>A member of the class library and the first sentence of its summary, in small letters.</summary>
/// <param name="Namespace">The namespace of its type.</param>
/// <param name="Type">The type that declares it, with its namespace.</param>
/// <param name="Name">Its name as words: "read line async".</param>
/// <param name="Summary">The sentence.</param>
internal sealed record DocumentedMember(string Namespace, string Type, string Name, string Summary);
