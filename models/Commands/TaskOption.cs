using System.CommandLine;

namespace GptGen.Models.Commands;

/// <summary>The tasks as <c>--task</c> names them.</summary>
internal enum TaskName
{
    /// <summary>The class of a text.</summary>
    Classification,

    /// <summary>How a hypothesis relates to a premise.</summary>
    Entailment,

    /// <summary>How alike two texts are.</summary>
    Similarity,

    /// <summary>The right one of some answers.</summary>
    Choice,

    /// <summary>The tag of each word of a text.</summary>
    Tagging,

    /// <summary>Where in a text the answer to a question stands.</summary>
    Answering,
}

/// <summary>The option <c>--task</c>.</summary>
internal static class TaskOption
{
    internal static Option<TaskName> Create()
    {
        var option = CommonOptions.Choice("--task", "What to learn.", TaskName.Classification);
        option.DefaultValueFactory = null;
        option.Required = true;
        return option;
    }

    /// <summary>The head that a task takes.</summary>
    internal static TaskKind Kind(this TaskName task) => task switch
    {
        TaskName.Choice => TaskKind.MultipleChoice,
        TaskName.Tagging => TaskKind.TokenClassification,
        TaskName.Answering => TaskKind.QuestionAnswering,
        _ => Enum.Parse<TaskKind>(task.ToString()),
    };
}
