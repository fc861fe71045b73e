/** The functions of other templates that stand on a resource, listed where a person clicks on how many there are. */
import { commands, Location, Position, Range, Uri } from "vscode";

/** A place as the server names it. */
interface Place {
  readonly line: number;
  readonly character: number;
}

interface Use {
  readonly uri: string;
  readonly range: { readonly start: Place; readonly end: Place };
}

/** Lists the places that the server names, at the line that was clicked on. */
export function showUses(uri: string, at: Place, uses: readonly Use[]): Thenable<unknown> {
  const locations = uses.map(({ uri: file, range }) => {
    return new Location(Uri.parse(file), new Range(toPosition(range.start), toPosition(range.end)));
  });
  return commands.executeCommand("editor.action.showReferences", Uri.parse(uri), toPosition(at), locations);
}

function toPosition({ line, character }: Place): Position {
  return new Position(line, character);
}
