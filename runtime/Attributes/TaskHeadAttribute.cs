namespace GptGen;

/// <summary>
/// What every task head's specification says (Radford et al. 2018, section 3.3). Put one of the attributes that derive from this one on a model
/// class, beside the model's own, and the generator adds the head: three special tokens (start, delimiter, classify) behind the vocabulary,
/// a projection of the final state at the classify token, and the loss: task + <see cref="LanguageModelWeight"/> x language model.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public abstract class TaskHeadAttribute : Attribute
{
    private protected TaskHeadAttribute()
    {
    }

    /// <summary>Weight of the language model's loss beside the task's (the paper's lambda); 0 to train on the task alone.</summary>
    public float LanguageModelWeight { get; set; } = 0.5f;
}
