using System.Diagnostics;
using System.Text;
using GptGen.Text;
using Xunit;

namespace GptGen.Runtime.Tests.Text;

/// <summary>Pieces of Unigram models. What is expected of the small ones is what sentencepiece 0.1.97 makes of the same files.</summary>
public sealed class SentencePieceModelTests : IDisposable
{
    private static readonly (string, float, int)[] s_pieces =
    [
        ("<unk>", 0, 2), ("<s>", 0, 3), ("\u2581", -2, 1), ("a", -3, 1), ("b", -3.5f, 1), ("ab", -4, 1), ("\u2581a", -4.5f, 1),
        ("b\u2581", -4.25f, 1), ("\u2581\u2581", -5, 1), ("MSB", 0, 4), ("a b", 0, 4), ("bab", -1, 5), ("aa", -6, 1), ("aaa", -9, 1),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("ab", "▁|ab")]
    [InlineData("bab", "▁|b|ab")]
    [InlineData("a  b ", "▁a|▁|b")]
    [InlineData("a b", "▁a|▁|b")]
    [InlineData("aMSBb", "▁a|MSB|b")]
    [InlineData("MSBMSB", "▁|MSB|MSB")]
    [InlineData("xyz a", "▁|xyz|▁a")]
    [InlineData("a▁b", "▁a|▁|b")]
    [InlineData("aaaaa", "▁a|a|aaa")]
    [InlineData("  ab  b  ", "▁|ab|▁|b")]
    [InlineData("a\tb", "▁a|\t|b")]
    public void SpacesAndPiecesOfEachKindAreObeyed(string text, string pieces) => Check(text, pieces, s_pieces, [], []);

    [Theory]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("ab  b ", "ab|▁|b▁")]
    [InlineData("a b b", "a|▁|b▁|b▁")]
    [InlineData("  b", "b▁")]
    [InlineData("x", "x|▁")]
    public void SpacesMayBelongToTheWordBeforeThem(string text, string pieces) => Check(text, pieces, s_pieces, [(24, 1)], []);

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("   ", "▁|▁|▁", 0)]
    [InlineData("ab  b ", "ab|▁|▁|b▁", 0)]
    [InlineData("  a   b", "▁|▁a|▁|▁|▁|b", 0)]
    [InlineData("ab  b ", "ab|▁|▁|b▁|▁", 1)]
    [InlineData("  ", "▁|▁|▁", 1)]
    public void SpacesMayAllBeKept(string text, string pieces, int added) =>
        Check(text, pieces, s_pieces, [(24, added)], [(3, added), (4, 0)]);

    [Theory]
    [InlineData("a", "▁a")]
    [InlineData("xé a", "▁|<0x78>|<0xC3>|<0xA9>|▁a")]
    [InlineData("é😀", "▁|<0xC3>|<0xA9>|<0xF0>|<0x9F>|<0x98>|<0x80>")]
    public void WhatIsUnknownMayBecomeItsBytes(string text, string pieces)
    {
        Check(text, pieces, [.. s_pieces, .. Enumerable.Range(0, 256).Select(static value => ($"<0x{value:X2}>", 0f, 6))], [(35, 1)], []);
        Assert.Contains("has none for <0x00>", Refusal(SampleMarian.Model(s_pieces, [(35, 1)], [])));
    }

    [Fact]
    public void WhatIsNotReadIsRefusedByItsName()
    {
        Assert.Contains("is a SentencePiece model of byte-pair encoding, but only Unigram", Refusal(SampleMarian.Model(s_pieces, [(3, 2)], [])));
        Assert.Contains("of words", Refusal(SampleMarian.Model(s_pieces, [(3, 3)], [])));
        Assert.Contains("of the kind 9", Refusal(SampleMarian.Model(s_pieces, [(3, 9)], [])));
        Assert.Contains("escape_whitespaces", Refusal(SampleMarian.Model(s_pieces, [], [(5, 0)])));
        Assert.Contains("denormalizer_spec", Refusal([.. SampleMarian.Model(s_pieces, [], []), 0x2a, 3, 0x12, 1, 9]));
        Assert.Contains("piece 0 has no text", Refusal(SampleMarian.Model([("", 0, 1)], [], [])));
        Assert.Contains("piece 1 has no text, or is of a kind", Refusal(SampleMarian.Model([("<unk>", 0, 2), ("a", 0, 7)], [], [])));
        Assert.Contains("has the piece 'a' twice", Refusal(SampleMarian.Model([.. s_pieces, ("a", 0, 1)], [], [])));
        Assert.Contains("one piece for what it does not know", Refusal(SampleMarian.Model(s_pieces[1..], [], [])));
        Assert.Contains("has no pieces", Refusal([]));
        Assert.Contains("is damaged or no model of SentencePiece", Refusal("no model"u8.ToArray()));
        Assert.Contains("is a web page", Refusal("<!DOCTYPE html><html>"u8.ToArray()));
        var model = File.ReadAllBytes(Path.Combine(SampleMarian.Folder, SampleMarian.Source));
        Assert.Contains("is damaged or no model of SentencePiece", Refusal(model[..1000]));
        Assert.Contains("precompiled_charsmap", Refusal([.. SampleMarian.Model(s_pieces, [], []), 0x1a, 6, 0x12, 4, 9, 0, 0, 0]));
    }

    /// <summary>
    /// Where Google's programs are (Debian's package <c>sentencepiece</c>): models that they learn from other texts, with their own table of
    /// characters, on thousands of lines of any characters.
    /// </summary>
    [Theory]
    [InlineData("--vocab_size=2000")]
    [InlineData(
        "--vocab_size=1000", "--normalization_rule_name=nmt_nfkc_cf", "--remove_extra_whitespaces=false", "--bos_id=-1", "--eos_id=0", "--unk_id=1")]
    [InlineData("--vocab_size=1000", "--byte_fallback", "--user_defined_symbols=<sep>,MSB", "--treat_whitespace_as_suffix")]
    public void PiecesAreThoseOfGooglesProgram(params string[] options)
    {
        Assert.SkipUnless(SdkTranslationsTests.HasTranslations, "No .NET SDK with translated texts is installed.");
        string[] messages = [.. SdkTranslations.Load("de").Take(2000).SelectMany(static pair => new[] { pair.English, pair.Translation })];
        var corpus = _folder.Write("corpus.txt", string.Join('\n', messages) + "\n");
        var model = _folder.File("learned");
        Run("spm_train", ["--input=" + corpus, "--model_prefix=" + model, "--character_coverage=0.999", .. options]);
        string[] lines =
        [
            .. messages,
            .. Enumerable.Range(0, 3000).Select(static seed => SampleTexts.AnyRunes(seed, 20).ReplaceLineEndings("")),
            .. Enumerable.Range(0, 3000).Select(static seed => SampleTexts.Mixed(seed, 10).Replace('\n', ' ').ReplaceLineEndings("")),
        ];
        var output = _folder.File("pieces.txt");
        Run(
            "spm_encode",
            ["--model=" + model + ".model", "--output=" + output, _folder.Write("lines.txt", string.Join('\n', lines) + "\n")]);
        var pieces = File.ReadAllText(output).Split('\n');
        Assert.Equal(lines.Length + 1, pieces.Length);
        var cutter = new SentencePieceModel(SentencePieceFile.Read(model + ".model"));
        for (var line = 0; line < lines.Length; line++)
            Assert.Equal((lines[line], pieces[line]), (lines[line], string.Join(' ', Cut(cutter, lines[line]))));
    }

    private static void Run(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian's package sentencepiece).");
        }
    }

    private string Refusal(byte[] file)
    {
        var path = _folder.Write("wrong.model", file);
        var message = Assert.Throws<GptGenException>(() => new SentencePieceModel(SentencePieceFile.Read(path))).Message;
        Assert.StartsWith($"'{path}'", message);
        return message;
    }

    private void Check(string text, string pieces, (string, float, int)[] all, (int, int)[] training, (int, int)[] characters)
    {
        var path = _folder.Write("m.model", SampleMarian.Model(all, training, characters));
        Assert.Equal(pieces, string.Join('|', Cut(new(SentencePieceFile.Read(path)), text)));
    }

    private static IEnumerable<string> Cut(SentencePieceModel model, string text)
    {
        var session = new SentencePieceModel.Session(model);
        List<string> pieces = [];
        foreach (var part in session.Cut(Encoding.UTF8.GetBytes(text)))
            pieces.Add(part.Piece >= 0 ? model.Pieces[part.Piece].Text : Encoding.UTF8.GetString(session.Text.Slice(part.Start, part.Length)));
        return pieces;
    }
}
