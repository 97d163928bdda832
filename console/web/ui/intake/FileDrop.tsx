import { useRef, useState, type DragEvent, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { fromDrop, fromInput, type ChosenFile } from './chosen-files.ts';
import css from './intake.module.css';

interface FileDropProps {
  label: string;
  /** The word on the button that chooses files. */
  choose: string;
  /** Absent: a folder cannot be chosen. */
  folder?: string;
  accept: string;
  multiple?: boolean;
  onFiles: (files: Promise<ChosenFile[]>) => void;
}

/** Takes files that are dropped on it or chosen. */
export function FileDrop({ label, choose, folder, accept, multiple = false, onFiles }: FileDropProps): ReactNode {
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const onDrag = (inside: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(inside);
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    onFiles(fromDrop(event.dataTransfer));
  };
  const input = (place: typeof files, directory: boolean): ReactNode => (
    <input
      ref={place}
      type="file"
      hidden
      multiple={multiple || directory}
      accept={directory ? undefined : accept}
      {...(directory ? { webkitdirectory: '' } : {})}
      onChange={({ currentTarget }) => {
        onFiles(Promise.resolve(fromInput(currentTarget.files)));
        currentTarget.value = '';
      }}
    />
  );
  return (
    <div
      className={`${css.drop} ${over ? css.over : ''}`}
      onDragEnter={onDrag(true)}
      onDragOver={onDrag(true)}
      onDragLeave={onDrag(false)}
      onDrop={onDrop}
    >
      <span>{label}</span>
      <div className={css.row}>
        <Button variant="default" onClick={() => files.current?.click()}>
          {choose}
        </Button>
        {folder !== undefined && (
          <Button variant="default" onClick={() => folders.current?.click()}>
            {folder}
          </Button>
        )}
      </div>
      {input(files, false)}
      {folder !== undefined && input(folders, true)}
    </div>
  );
}
