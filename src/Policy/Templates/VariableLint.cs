using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Policy.Templates;

/// <summary>Checks the variables of a text.</summary>
internal static class VariableLint
{
    /// <summary>Refuses what is malformed, and gives the names of the variables in the order of their first use.</summary>
    public static ImmutableArray<string> Check(string text, ParameterFormat format, int subcode, string field, LintReport report)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var literal = new System.Text.StringBuilder();
        var end = 0;
        var variables = new Placeholders(text);
        while (variables.MoveNext())
        {
            literal.Append(text, end, variables.Start - end).Append(' ');
            if (end > 0 && TextLength.IsBlank(text[end..variables.Start]))
            {
                report.Refuse(subcode, field, "there must be words between two variables");
            }

            end = variables.End;
            var name = variables.Name.ToString();
            if (!names.Contains(name))
            {
                names.Add(name);
            }
        }

        literal.Append(text, end, text.Length - end);
        var rest = literal.ToString();
        if (rest.Contains("{{", StringComparison.Ordinal) || rest.Contains("}}", StringComparison.Ordinal))
        {
            report.Refuse(subcode, field, "has braces that belong to no variable: a variable is written {{…}}");
        }

        Names(names, format, subcode, field, report);
        return names.ToImmutable();
    }

    private static void Names(ImmutableArray<string>.Builder names, ParameterFormat format, int subcode, string field, LintReport report)
    {
        if (format == ParameterFormat.Named)
        {
            if (!names.All(IsName))
            {
                report.Refuse(subcode, field, "named variables must be written {{lower_snake_case}}, beginning with a letter");
            }

            return;
        }

        for (var i = 1; i <= names.Count; i++)
        {
            if (!names.Contains(i.ToString(CultureInfo.InvariantCulture)))
            {
                report.Refuse(subcode, field, $"positional variables must be {{{{1}}}} to {{{{{names.Count}}}}}, none left out");
                return;
            }
        }
    }

    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
