using System.Buffers;
using System.Text.Json;
using GptGen.Checkpoints;
using GptGen.Files;

namespace GptGen.Finetuning;

/// <summary>What a fine-tuned model's folder says of its task, beside the weights: <c>task.json</c>.</summary>
/// <param name="Kind">The task.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Tokenizer">The tokenizer's name or folder; <c>.</c> where its files lie in the model's own folder.</param>
/// <param name="Length">The most tokens of a sequence in training.</param>
/// <param name="Truncate">Whether longer examples were cut.</param>
/// <param name="Columns">The columns of its data.</param>
/// <param name="Targets">The labels or tags, in the order of the head's scores, or the scale of the grades.</param>
public sealed record FinetunedTask(TaskKind Kind, string Model, string Tokenizer, int Length, bool Truncate, TaskColumns Columns, TaskTargets Targets)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "task.json";

    private const string TaskKey = "task";
    private const string ModelKey = "model";
    private const string TokenizerKey = "tokenizer";
    private const string LengthKey = "length";
    private const string TruncateKey = "truncate";
    private const string TextsKey = "texts";
    private const string LabelKey = "label";
    private const string LabelsKey = "labels";
    private const string GradesKey = "grades";
    private const string TagsKey = "tags";
    private const string AnswersKey = "answers";
    private const string MissingKey = "may_be_missing";
    private const string MeanKey = "mean";
    private const string DeviationKey = "deviation";

    /// <summary>The names of labels that texts or words have, in the order of the head's scores; null where the task has none.</summary>
    internal IReadOnlyList<string>? LabelNames => Targets switch
    {
        TagSet tags => tags.Names,
        LabelSet labels when Kind != TaskKind.MultipleChoice => labels.Names,
        _ => null,
    };

    /// <summary>Whether a folder holds a fine-tuned model. Written behind its weights, the file says that they are complete.</summary>
    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Writes the file into a folder whose weights are there.</summary>
    /// <exception cref="GptGenException">It cannot be written.</exception>
    public void Save(string folder)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString(TaskKey, Kind.ToString());
            json.WriteString(ModelKey, Model);
            json.WriteString(TokenizerKey, Tokenizer);
            json.WriteNumber(LengthKey, Length);
            json.WriteBoolean(TruncateKey, Truncate);
            WriteStrings(json, TextsKey, Columns.Texts);
            json.WriteString(LabelKey, Columns.Label);
            WriteTargets(json);
            json.WriteEndObject();
        }

        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(buffer.WrittenSpan));
    }

    /// <summary>Takes the file away, before other weights take the place of those that it belongs to.</summary>
    /// <exception cref="GptGenException">It cannot be deleted.</exception>
    internal static void Remove(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            if (File.Exists(path))
                File.Delete(path);
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw new GptGenException($"'{path}' cannot be deleted ({MessageText.Of(error)}): name another folder.", error);
        }
    }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="GptGenException">There is none, or it is damaged; the message names the file and the key.</exception>
    public static FinetunedTask Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        // A folder that is closed to this user is told by reading.
        if (FileStatus.Of(path).Kind is FileKind.Missing or FileKind.Folder)
        {
            throw new GptGenException(
                $"'{folder}' is no folder of a fine-tuned model: it has no {FileName}, which fine-tuning writes behind the first weights. "
                + "Name one that it finished.");
        }

        using var document = JsonFile.Read(path);
        var file = new TaskJson(path, document.RootElement);
        return new(
            file.Name<TaskKind>(TaskKey),
            file.Text(ModelKey),
            file.Tokenizer(TokenizerKey),
            file.Whole(LengthKey, least: 4),
            file.Truth(TruncateKey),
            new(file.Texts(TextsKey), file.Text(LabelKey)),
            ReadTargets(file));
    }

    /// <summary>Holds the task to the model that it names.</summary>
    /// <exception cref="GptGenException">They do not fit each other.</exception>
    internal void Check(ModelDescription model)
    {
        var head = model.Head ?? throw Unfit(model, "a model without a task head");
        var (type, name) = head.Kind switch
        {
            TaskKind.TokenClassification => (typeof(TagSet), "tags"),
            TaskKind.QuestionAnswering => (typeof(AnswerSpans), "answers"),
            _ => head.IsGraded ? (typeof(GradeScale), "grades") : (typeof(LabelSet), "labels"),
        };
        if (head.Kind != Kind || Targets.GetType() != type)
            throw Unfit(model, $"{name} of {head.Kind}");
        if (Targets.Outputs > head.Classes)
            throw Unfit(model, $"{head.Classes} labels, not {Targets.Outputs}");
        if (Length > model.Context)
            throw Unfit(model, $"a context of {model.Context} tokens, not {Length}");
        if (Columns.Texts.Count > head.TextsPerExample)
            throw Unfit(model, $"{head.TextsPerExample} texts an example, not {Columns.Texts.Count}");
    }

    private static GptGenException Unfit(ModelDescription model, string what) =>
        new($"{FileName} does not fit {model.Name}, which has {what}: restore the file, or fine-tune again.");

    private void WriteTargets(Utf8JsonWriter json)
    {
        if (Targets is GradeScale grades)
        {
            json.WriteStartObject(GradesKey);
            json.WriteNumber(MeanKey, grades.Mean);
            json.WriteNumber(DeviationKey, grades.Deviation);
            json.WriteEndObject();
        }
        else if (Targets is AnswerSpans spans)
        {
            json.WriteStartObject(AnswersKey);
            json.WriteBoolean(MissingKey, spans.MayBeMissing);
            json.WriteEndObject();
        }
        else if (Targets is TagSet tags)
        {
            WriteStrings(json, TagsKey, tags.Names);
        }
        else
        {
            WriteStrings(json, LabelsKey, ((LabelSet)Targets).Names);
        }
    }

    private static TaskTargets ReadTargets(TaskJson file)
    {
        string[] others = [GradesKey, TagsKey, AnswersKey];
        var key = others.FirstOrDefault(file.Has) ?? LabelsKey;
        try
        {
            return key switch
            {
                GradesKey when file.Part(GradesKey) is { } grades => new GradeScale(grades.Number(MeanKey), grades.Number(DeviationKey)),
                AnswersKey when file.Part(AnswersKey) is { } answers => new AnswerSpans(answers.Truth(MissingKey)),
                TagsKey => new TagSet(file.Texts(TagsKey)),
                _ => new LabelSet(file.Texts(LabelsKey)),
            };
        }
        catch (GptGenException error) when (!error.Message.StartsWith($"'{file.Path}'", StringComparison.Ordinal))
        {
            throw file.Wrong(key, MessageText.Of(error), error);
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
