using System.Collections.Immutable;
using Actors.Policy.Templates;

namespace Actors.Api.Graph.Messages;

/// <summary>Which edge a send came in by.</summary>
internal enum SendEdge
{
    /// <summary><c>/messages</c>: anything.</summary>
    Messages,

    /// <summary><c>/marketing_messages</c>: marketing templates only.</summary>
    MarketingMessages,
}

/// <summary>What a body on a send edge asks for: a send, or one of the two things that are no sends.</summary>
/// <param name="Send">A send; null otherwise.</param>
/// <param name="Read">A mark as read, perhaps with a typing indicator; null otherwise.</param>
internal readonly record struct ParsedBody(ParsedSend? Send, ParsedRead? Read);

/// <summary>A send whose shape is right.</summary>
/// <param name="Input">The recipient as given.</param>
/// <param name="User">The recipient's wa_id.</param>
/// <param name="Content">The message as it is stored: normalised UTF-8 JSON.</param>
/// <param name="CallbackData">The sender's opaque data; null for none.</param>
/// <param name="Template">The template and its parameters; null for a free-form message.</param>
/// <param name="Answered">The message that it answers or reacts to; null for most.</param>
internal sealed record ParsedSend(
    string Input, long User, byte[] Content, string? CallbackData, TemplateUse? Template, ParsedAnswer? Answered = null);

/// <summary>A message of the recipient's, from or to whomever: whether it is one of this business, the user's grain knows.</summary>
/// <param name="Field">Path of the field that names it.</param>
/// <param name="Number">Its number within the user.</param>
internal sealed record ParsedAnswer(string Field, long Number)
{
    /// <summary>What a client hears that names another one.</summary>
    public GraphError Nothing => GraphError.Value(Field, "there is no such message in the conversation with this recipient");
}

/// <summary>A template and the parameters for it.</summary>
internal sealed record TemplateUse(string Name, string Language, ImmutableArray<SentComponent> Components);

/// <summary>The business has read a message of a user, and everything before it.</summary>
/// <param name="User">The user's wa_id.</param>
/// <param name="Message">The message's number within the user.</param>
internal sealed record ParsedRead(long User, long Message);
