import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

// A room is a folder: it may use the shell's public parts, never another room's.
const rooms = {
  patterns: [
    { group: ['../../*', '../../../*'], message: 'Import with "@/": relative paths stay inside one folder.' },
    { group: ['@/rooms/*/*'], message: 'Rooms do not import each other: link by route instead.' },
  ],
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  ...pluginVue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  {
    rules: {
      'no-restricted-imports': ['error', rooms],
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always', normal: 'any', component: 'always' } }],
      'vue/html-indent': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
      'max-lines': ['error', { max: 420, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['src/words/*.ts', 'src/rooms/*/words.ts'], rules: { 'max-lines': 'off' } },
)
