using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>Where a template stands. Stored as a number: never renumber.</summary>
public enum TemplateStatus : byte
{
    /// <summary>Waits for review.</summary>
    Pending = 0,

    /// <summary>May be sent.</summary>
    Approved = 1,

    /// <summary>Refused by review.</summary>
    Rejected = 2,

    /// <summary>For some hours not to be sent.</summary>
    Paused = 3,

    /// <summary>For good not to be sent.</summary>
    Disabled = 4,
}

/// <summary>How parameters are matched to variables. Stored as a number: never renumber.</summary>
public enum ParameterFormat : byte
{
    /// <summary><c>{{1}}</c>, <c>{{2}}</c>, …</summary>
    Positional = 0,

    /// <summary><c>{{first_name}}</c>, …</summary>
    Named = 1,
}

/// <summary>What stands in a template's header. Stored as a number: never renumber.</summary>
public enum HeaderFormat : byte
{
    /// <summary>Text, with at most one variable.</summary>
    Text = 0,

    /// <summary>A picture.</summary>
    Image = 1,

    /// <summary>A video.</summary>
    Video = 2,

    /// <summary>A document.</summary>
    Document = 3,

    /// <summary>A place.</summary>
    Location = 4,
}

/// <summary>What a template's button does. Stored as a number: never renumber.</summary>
public enum ButtonType : byte
{
    /// <summary>Sends its text back.</summary>
    QuickReply = 0,

    /// <summary>Opens an address, with at most one variable at its end.</summary>
    Url = 1,

    /// <summary>Calls a number.</summary>
    PhoneNumber = 2,

    /// <summary>Copies a code.</summary>
    CopyCode = 3,

    /// <summary>Copies or fills in a one-time code (authentication templates).</summary>
    Otp = 4,
}

/// <summary>A template's header.</summary>
/// <param name="Format">What it is.</param>
/// <param name="Text">Its text; null unless the format is text.</param>
/// <param name="Example">A sample for its variable, or a media sample; null where none is needed.</param>
public sealed record TemplateHeader(HeaderFormat Format, string? Text, string? Example);

/// <summary>A template's button.</summary>
/// <param name="Type">What it does.</param>
/// <param name="Text">Its label.</param>
/// <param name="Url">Where it leads; null unless it is an address.</param>
/// <param name="PhoneNumber">What it calls; null unless it calls.</param>
/// <param name="Example">A sample for its variable or code.</param>
public sealed record TemplateButton(ButtonType Type, string Text, string? Url, string? PhoneNumber, string? Example);

/// <summary>What a template says, in one language.</summary>
public sealed record TemplateContent
{
    /// <summary>1 to 512 characters out of a-z, 0-9 and underscore.</summary>
    public required string Name { get; init; }

    /// <summary>A language code such as <c>en_US</c>.</summary>
    public required string Language { get; init; }

    /// <summary>The category that the business asked for, or that review set.</summary>
    public required Category Category { get; init; }

    /// <summary>How parameters are matched.</summary>
    public ParameterFormat ParameterFormat { get; init; }

    /// <summary>The header; null for none.</summary>
    public TemplateHeader? Header { get; init; }

    /// <summary>The body's text. Empty only for authentication, whose text is fixed by the platform.</summary>
    public required string Body { get; init; }

    /// <summary>Samples for the body's variables: in order for positional ones, <c>name=value</c> for named ones.</summary>
    public ImmutableArray<string> BodyExamples { get; init; } = [];

    /// <summary>The footer; null for none.</summary>
    public string? Footer { get; init; }

    /// <summary>The buttons, in order.</summary>
    public ImmutableArray<TemplateButton> Buttons { get; init; } = [];

    /// <summary>
    /// How long its messages wait for their delivery (<c>message_send_ttl_seconds</c>), whole seconds; 30 days for what is written as -1; null where it doesn't
    /// say, so that it is the category's.
    /// </summary>
    public TimeSpan? Life { get; init; }

    /// <summary>As review makes it: in another category, messages live as long as that one's do.</summary>
    /// <param name="category">The category that review found; null where it is the one asked for.</param>
    public TemplateContent Reviewed(Category? category) =>
        category is { } other && other != Category ? this with { Category = other, Life = null } : this;
}
