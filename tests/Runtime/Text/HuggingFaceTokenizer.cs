using System.Runtime.InteropServices;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Hugging Face's own library, where its native part runs.</summary>
internal sealed class HuggingFaceTokenizer(string tokenizerJson)
{
    private readonly Tokenizers.DotNet.Tokenizer _tokenizer = new(tokenizerJson);

    public static void SkipWhereItDoesNotRun() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
        "Hugging Face's library is here for Linux on x64 only");

    /// <summary>The tokens of a text with the marks that its post-processor puts around it; names of special tokens in it are these tokens.</summary>
    public int[] Encode(string text) => Array.ConvertAll(_tokenizer.Encode(text), static token => (int)token);

    /// <summary>The text of tokens without special ones.</summary>
    public string Decode(int[] tokens) => _tokenizer.Decode(Array.ConvertAll(tokens, static token => (uint)token));
}
