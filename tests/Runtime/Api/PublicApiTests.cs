using System.Reflection;
using System.Text.RegularExpressions;
using GptGen.AspNetCore;
using GptGen.Extensions.AI;
using GptGen.Generator.Tests.Verify;
using PublicApiGenerator;
using Xunit;

namespace GptGen.Runtime.Tests.Api;

/// <summary>
/// What users can name, one line a member: whoever changes it sees it in the difference of a verified file, and decides whether that was meant.
/// </summary>
public partial class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        // What the compiler adds, which says nothing about how a member is used.
        ExcludeAttributes =
        [
            "System.Runtime.CompilerServices.AsyncIteratorStateMachineAttribute",
            "System.Runtime.CompilerServices.AsyncStateMachineAttribute",
            "System.Runtime.CompilerServices.CompilerFeatureRequiredAttribute",
            "System.Runtime.CompilerServices.IsReadOnlyAttribute",
            "System.Runtime.CompilerServices.IteratorStateMachineAttribute",
            "System.Runtime.CompilerServices.SkipLocalsInitAttribute",
            "System.Runtime.InteropServices.StructLayoutAttribute",
        ],
    };

    [Fact]
    public Task TheRuntimesPublicApiIsTheVerifiedOne() => VerifyApi(typeof(Device).Assembly, "GptGen");

    [Fact]
    public Task TheAdaptersPublicApiIsTheVerifiedOne() => VerifyApi(typeof(GptChatClient).Assembly, "GptGen.Extensions.AI");

    [Fact]
    public Task TheServersPublicApiIsTheVerifiedOne() => VerifyApi(typeof(ServedModel).Assembly, "GptGen.AspNetCore");

    private static Task VerifyApi(Assembly assembly, string package) =>
        Verifier.Verify(Shorten(assembly.GeneratePublicApi(Options).ReplaceLineEndings("\n")) + "\n", package, method: "Package");

    /// <summary>One line a member, and names without the namespaces of their types, which stand where the types do.</summary>
    private static string Shorten(string api)
    {
        api = MemberBreak().Replace(api, " ");
        return string.Join(
            '\n', api.Split('\n').Select(static line => line.StartsWith("namespace", StringComparison.Ordinal) ? line : Prefix().Replace(line, "")));
    }

    [GeneratedRegex(@"\s*\n\s*(?=where |"")|(?<="")\s*\n\s*|(?<=\{)\s*\n\s*(?="")")]
    private static partial Regex MemberBreak();

    [GeneratedRegex(@"\b(?:System|Microsoft|GptGen)(?:\.[A-Z]\w*)*\.(?=[A-Z])")]
    private static partial Regex Prefix();
}
