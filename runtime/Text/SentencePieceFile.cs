using System.Text;
using System.Text.Unicode;
using GptGen.Checkpoints;

namespace GptGen.Text;

/// <summary>
/// A model of SentencePiece as its file has it (<c>sentencepiece_model.proto</c>). What would cut text otherwise than it is done here is refused.
/// </summary>
internal sealed class SentencePieceFile
{
    private const int UnigramKind = 1;

    private SentencePieceFile(string path) => Path = path;

    /// <summary>What a piece is, by its number in the file.</summary>
    public enum Kind
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    /// <summary>A piece.</summary>
    /// <param name="Text">Its text.</param>
    /// <param name="Score">Its log probability.</param>
    /// <param name="Kind">What it is.</param>
    public sealed record Piece(string Text, float Score, Kind Kind);

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The pieces in their order.</summary>
    public List<Piece> Pieces { get; } = [];

    /// <summary>Which characters become which others; empty where all stay.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    /// <summary>Whether a text is given a space to begin with, or to end with where <see cref="EndsWords"/>.</summary>
    public bool AddsSpace { get; private set; } = true;

    /// <summary>Whether spaces at a text's ends go, and of those beside each other all but one.</summary>
    public bool RemovesSpaces { get; private set; } = true;

    /// <summary>Whether a space belongs to the word before it.</summary>
    public bool EndsWords { get; private set; }

    /// <summary>Whether what no piece stands for becomes pieces of its bytes.</summary>
    public bool FallsBackToBytes { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="GptGenException">It cannot be read, is damaged, or is of a kind that is not read.</exception>
    public static SentencePieceFile Read(string path)
    {
        var bytes = TokenizerFileNames.ReadAll(path);
        ForeignFile.RefuseLeftOver(bytes, path);
        var file = new SentencePieceFile(path);
        var reader = new ProtobufReader(bytes, path);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    file.ReadPiece(reader.Message);
                    break;
                case 2:
                    file.ReadTraining(reader.Message);
                    break;
                case 3:
                    file.ReadNormalization(reader.Message);
                    break;
                case 5:
                    file.RefuseDenormalization(reader.Message);
                    break;
            }
        }

        // Messages whose sender and reader disagree read as ones without the fields.
        if (file.Pieces.Count == 0)
            throw new GptGenException($"'{path}' has no pieces, so it is damaged or no model of SentencePiece: download it again.");
        if (file.Pieces.Count(static piece => piece.Kind == Kind.Unknown) != 1)
            throw new GptGenException($"'{path}' does not have one piece for what it does not know: download it again.");
        if (file.Pieces.GroupBy(static piece => piece.Text).FirstOrDefault(static same => same.Skip(1).Any()) is { } twice)
            throw new GptGenException($"'{path}' has the piece '{MessageText.Shorten(twice.Key)}' twice: download it again.");
        return file;
    }

    private void ReadPiece(ProtobufReader reader)
    {
        var (text, score, kind) = ("", 0f, Kind.Normal);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1 when Utf8.IsValid(reader.Bytes):
                    text = Encoding.UTF8.GetString(reader.Bytes);
                    break;
                case 2:
                    score = reader.Single;
                    break;
                case 3:
                    kind = (Kind)reader.Integer;
                    break;
            }
        }

        if (text.Length == 0 || !Enum.IsDefined(kind))
            throw new GptGenException($"'{Path}': piece {Pieces.Count} has no text, or is of a kind that is not known: download the file again.");
        Pieces.Add(new(text, score, kind));
    }

    private void ReadTraining(ProtobufReader reader)
    {
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 3 when reader.Integer != UnigramKind:
                    var kind = reader.Integer switch
                    {
                        2 => "byte-pair encoding",
                        3 => "words",
                        4 => "characters",
                        var number => $"the kind {number}",
                    };
                    throw new GptGenException(
                        $"'{Path}' is a SentencePiece model of {kind}, but only Unigram models are read: use a translation model with such ones.");
                case 24:
                    EndsWords = reader.Flag;
                    break;
                case 35:
                    FallsBackToBytes = reader.Flag;
                    break;
            }
        }
    }

    private void ReadNormalization(ProtobufReader reader)
    {
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 2:
                    CharacterMap = reader.Bytes.ToArray();
                    break;
                case 3:
                    AddsSpace = reader.Flag;
                    break;
                case 4:
                    RemovesSpaces = reader.Flag;
                    break;
                case 5 when !reader.Flag:
                    throw new GptGenException($"'{Path}' keeps spaces as they are (escape_whitespaces), which is not done here: use another model.");
            }
        }
    }

    private void RefuseDenormalization(ProtobufReader reader)
    {
        while (reader.Next(out var field))
        {
            if (field == 2 && !reader.Bytes.IsEmpty)
                throw new GptGenException($"'{Path}' changes text that is written (denormalizer_spec), which is not done here: use another model.");
        }
    }
}
