using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen models</c>: the zoo with parameters, memory and FLOPs.</summary>
internal static class ModelsCommand
{
    internal static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("models", "List the models with parameters, memory and FLOPs.") { json };
        command.SetAction(result =>
        {
            if (result.GetValue(json))
                WriteJson();
            else
                WriteTable();
        });
        return command;
    }

    private static double WeightBytes(ModelDescription model) => 4.0 * model.ParameterElements;

    /// <summary>Memory of training one sequence of full length on the CPU device: every role is four bytes there.</summary>
    private static double TrainingBytes(ModelDescription model) => 4.0 * model.TrainingElements(1, model.Context).Sum(static part => (double)part.Elements);

    private static void WriteTable()
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("model", "layers", "heads", "width", "context", "parameters", "weights", "training", "FLOPs");
        foreach (var column in table.Columns.Skip(1))
            column.RightAligned();
        foreach (var (name, model, _) in Zoo.Models)
        {
            table.AddRow(
                name, $"{model.Layers}", $"{model.Heads}", $"{model.Width}", $"{model.Context}",
                model.ParameterCount.ToString("N0", CultureInfo.InvariantCulture), Megabytes(WeightBytes(model)), Megabytes(TrainingBytes(model)),
                (model.TrainingFlopsPerToken(model.Context) / 1e9).ToString("N3", CultureInfo.InvariantCulture));
        }

        foreach (var column in table.Columns)
            column.NoWrap();
        AnsiConsole.Write(table);
        Console.WriteLine("weights: MB in f32; training: MB for one sequence of full context; FLOPs: training GFLOPs per token at full context");
    }

    private static void WriteJson()
    {
        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var (name, model, _) in Zoo.Models)
        {
            writer.WriteStartObject();
            writer.WriteString("model", name);
            writer.WriteNumber("layers", model.Layers);
            writer.WriteNumber("heads", model.Heads);
            writer.WriteNumber("width", model.Width);
            writer.WriteNumber("context", model.Context);
            writer.WriteNumber("vocabulary", model.Vocabulary);
            writer.WriteNumber("parameters", model.ParameterCount);
            writer.WriteNumber("weight_bytes", WeightBytes(model));
            writer.WriteNumber("training_bytes", TrainingBytes(model));
            writer.WriteNumber("training_flops_per_token", model.TrainingFlopsPerToken(model.Context));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Megabytes(double bytes) => (bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture);
}
